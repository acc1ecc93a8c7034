import { z } from 'zod';
import { presentWhen, unique } from '../schema-rules.ts';
import { backendObject, servicePort } from './backend-object.ts';

const names = z.array(z.string()).max(64).check(unique());

interface ExternalAuth {
  protocol: string;
  grpc?: unknown;
  http?: unknown;
}

/** HTTPExternalAuthFilter, with the rules of its CRD. */
export const externalAuth = z
  .strictObject({
    protocol: z.enum(['HTTP', 'GRPC']),
    backendRef: z.strictObject(backendObject).check(servicePort),
    grpc: z.strictObject({ allowedHeaders: names.optional() }).optional(),
    http: z
      .strictObject({
        path: z
          .string()
          .max(1024)
          .regex(/^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$/)
          .optional(),
        allowedHeaders: names.optional(),
        allowedResponseHeaders: names.optional(),
      })
      .optional(),
    forwardBody: z.strictObject({ maxSize: z.int().optional() }).optional(),
  })
  .check(
    ...presentWhen<ExternalAuth>('grpc', 'protocol', 'GRPC'),
    ...presentWhen<ExternalAuth>('http', 'protocol', 'HTTP'),
  );
