import { z } from 'zod';
import { group, kind, namespaceName, objectName, portNumber, secretRef } from '../common-schemas.ts';
import { unique } from '../schema-rules.ts';

const validation = z.strictObject({
  caCertificateRefs: z
    .array(z.strictObject({ group, kind, name: objectName, namespace: namespaceName.optional() }))
    .min(1)
    .max(16),
  mode: z.enum(['AllowValidOnly', 'AllowInsecureFallback']).default('AllowValidOnly'),
});

const tlsConfig = z.strictObject({ validation: validation.optional() });

/** GatewayTLSConfig: of all HTTPS listeners, and of connections to backends. */
export const gatewayTls = z.strictObject({
  backend: z.strictObject({ clientCertificateRef: secretRef.optional() }).optional(),
  frontend: z
    .strictObject({
      default: tlsConfig,
      perPort: z
        .array(z.strictObject({ port: portNumber, tls: tlsConfig }))
        .max(64)
        .check(unique('port'))
        .optional(),
    })
    .optional(),
});
