import { z } from 'zod';
import {
  group,
  hostname,
  kind,
  labelSelector,
  portNumber,
  secretRef,
  tlsOptions,
} from '../common-schemas.ts';
import { repeatedAt, rule, unique } from '../schema-rules.ts';

const allowedRoutes = z.strictObject({
  namespaces: z
    .strictObject({
      from: z.enum(['All', 'Selector', 'Same']).default('Same'),
      selector: labelSelector.optional(),
    })
    .prefault({}),
  kinds: z
    .array(z.strictObject({ group: group.default('gateway.networking.k8s.io'), kind }))
    .max(8)
    .optional(),
});

const tls = z
  .strictObject({
    mode: z.enum(['Terminate', 'Passthrough']).default('Terminate'),
    certificateRefs: z.array(secretRef).max(64).optional(),
    options: tlsOptions.optional(),
  })
  .check(
    rule(
      'certificateRefs or options must be specified when mode is Terminate',
      ({ mode, certificateRefs = [], options = {} }) =>
        mode !== 'Terminate' || certificateRefs.length > 0 || Object.keys(options).length > 0,
    ),
  );

const listener = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/),
  hostname: hostname.optional(),
  port: portNumber,
  protocol: z
    .string()
    .min(1)
    .max(255)
    .regex(
      /^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9]+$/,
    ),
  tls: tls.optional(),
  allowedRoutes: allowedRoutes.prefault({}),
});

type Listener = z.output<typeof listener>;

/** A rule that every listener has to keep; `field` is the one to mend. */
function everyListener(message: string, field: string, holds: (listener: Listener) => boolean) {
  return rule<Listener[]>(
    message,
    all => all.every(holds),
    all => [all.findIndex(each => !holds(each)), field],
  );
}

const endpointOf = ({ port, protocol, hostname: host }: Listener) => `${port} ${protocol} ${host ?? ''}`;

/** GatewaySpec.listeners, and ListenerSetSpec.listeners, with the rules of their CRDs. */
export const listeners = z
  .array(listener)
  .min(1)
  .max(64)
  .check(
    unique('name'),
    everyListener(
      "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']",
      'tls',
      each => !['HTTP', 'TCP', 'UDP'].includes(each.protocol) || each.tls === undefined,
    ),
    everyListener(
      'tls mode must be Terminate for protocol HTTPS',
      'tls',
      each => each.protocol !== 'HTTPS' || (each.tls?.mode ?? 'Terminate') === 'Terminate',
    ),
    everyListener(
      'tls mode must be set for protocol TLS',
      'protocol',
      each => each.protocol !== 'TLS' || each.tls !== undefined,
    ),
    everyListener(
      "hostname must not be specified for protocols ['TCP', 'UDP']",
      'hostname',
      each => !['TCP', 'UDP'].includes(each.protocol) || each.hostname === undefined,
    ),
    rule(
      'Combination of port, protocol and hostname must be unique for each listener',
      all => repeatedAt(all, endpointOf) === -1,
      all => [repeatedAt(all, endpointOf)],
    ),
  );
