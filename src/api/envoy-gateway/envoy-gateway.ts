import { z } from 'zod';
import { preciseHostname } from '../common-schemas.ts';
import { kubeObject } from '../kube-object.ts';
import { rule } from '../schema-rules.ts';
import { backendTls } from './backend-tls-settings.ts';

const port = z.int().min(0).max(65_535);

const endpoint = z
  .strictObject({
    hostname: preciseHostname.optional(),
    ip: z
      .strictObject({
        address: z
          .string()
          .min(3)
          .max(45)
          .regex(
            /^((25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)\.){3}(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)$|^(([0-9a-fA-F]{1,4}:){1,7}[0-9a-fA-F]{1,4}|::|(([0-9a-fA-F]{1,4}:){0,5})?(:[0-9a-fA-F]{1,4}){1,2})$/,
          ),
        port,
      })
      .optional(),
    fqdn: z
      .strictObject({
        hostname: z
          .string()
          .min(1)
          .max(253)
          .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\.?$/),
        port,
      })
      .optional(),
    unix: z
      .strictObject({
        path: z
          .string()
          .check(rule('unix domain socket path must not exceed 108 characters', path => path.length <= 108)),
      })
      .optional(),
    zone: z.string().optional(),
  })
  .check(
    rule('one of fqdn, ip or unix must be specified', each => addressesOf(each) > 0),
    rule('only one of fqdn, ip or unix can be specified', each => addressesOf(each) === 1),
  );

function addressesOf({ fqdn, ip, unix }: { fqdn?: unknown; ip?: unknown; unix?: unknown }): number {
  return [fqdn, ip, unix].filter(address => address !== undefined).length;
}

/** gateway.envoyproxy.io/v1alpha1 Backend */
export const backendSchema = kubeObject({
  spec: z
    .strictObject({
      type: z.enum(['Endpoints', 'DynamicResolver']).default('Endpoints'),
      endpoints: z
        .array(endpoint)
        .min(1)
        .max(256)
        .check(
          rule(
            'fqdn addresses cannot be mixed with other address types',
            all => new Set(all.map(each => each.fqdn !== undefined)).size < 2,
            all => [all.findIndex(each => (each.fqdn === undefined) !== (all[0]?.fqdn === undefined))],
          ),
        )
        .optional(),
      appProtocols: z
        .array(z.enum(['gateway.envoyproxy.io/h2c', 'gateway.envoyproxy.io/ws', 'gateway.envoyproxy.io/wss']))
        .optional(),
      fallback: z.boolean().optional(),
      tls: backendTls.optional(),
    })
    .check(
      rule(
        'DynamicResolver type cannot have endpoints specified',
        spec => spec.type !== 'DynamicResolver' || spec.endpoints === undefined,
        () => ['endpoints'],
      ),
      rule(
        'DynamicResolver type cannot use autoSNIFromEndpointHostname',
        spec => spec.type !== 'DynamicResolver' || spec.tls?.autoSNIFromEndpointHostname !== true,
        () => ['tls', 'autoSNIFromEndpointHostname'],
      ),
      // The CRD's rule cannot be evaluated without endpoints, which it then refuses.
      rule(
        'when autoSNIFromEndpointHostname is enabled, IP and Unix endpoints must define a hostname',
        ({ tls, endpoints }) =>
          tls?.autoSNIFromEndpointHostname !== true ||
          (endpoints?.every(each => each.fqdn !== undefined || each.hostname !== undefined) ?? false),
        () => ['endpoints'],
      ),
    ),
});

export type Backend = z.input<typeof backendSchema>;
