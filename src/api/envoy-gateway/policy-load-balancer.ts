import { z } from 'zod';
import { duration, int32, portNumber } from '../common-schemas.ts';
import { durationMs } from '../duration.ts';
import { rule, unique } from '../schema-rules.ts';

const named = z.strictObject({ name: z.string() });

interface Typed {
  type: string;
  [field: string]: unknown;
}

/** `field` is there exactly when `type` asks for it. */
function exactlyFor<T extends Typed>(type: string, field: string, message: string) {
  return rule<T>(message, each => (each.type === type) === (each[field] !== undefined));
}

const consistentHash = z
  .strictObject({
    type: z.enum(['SourceIP', 'Header', 'Headers', 'Cookie', 'QueryParams']),
    header: named.optional(),
    headers: z.array(named).optional(),
    cookie: z
      .strictObject({
        name: z.string(),
        ttl: duration.optional(),
        attributes: z.record(z.string(), z.string()).optional(),
      })
      .optional(),
    queryParams: z.array(named).optional(),
    tableSize: z.int().min(2).max(5_000_011).default(65_537),
  })
  .check(
    exactlyFor('Header', 'header', 'If consistent hash type is header, the header field must be set.'),
    exactlyFor('Headers', 'headers', 'If consistent hash type is headers, the headers field must be set.'),
    exactlyFor('Cookie', 'cookie', 'If consistent hash type is cookie, the cookie field must be set.'),
    exactlyFor(
      'QueryParams',
      'queryParams',
      'If consistent hash type is queryParams, the queryParams field must be set.',
    ),
  );

const backendUtilization = z.strictObject({
  blackoutPeriod: duration.optional(),
  errorUtilizationPenaltyPercent: int32.min(0).optional(),
  keepResponseHeaders: z.boolean().default(false),
  metricNamesForComputingUtilization: z.array(z.string()).optional(),
  outOfBand: z
    .strictObject({
      authority: z
        .string()
        .min(1)
        .max(259)
        .regex(/^[^\x00\n\r]*$/)
        .optional(),
      port: portNumber.optional(),
      reportingPeriod: duration
        .check(rule('reportingPeriod must be greater than 0', text => (durationMs(text) ?? 0) > 0))
        .optional(),
    })
    .optional(),
  weightExpirationPeriod: duration.optional(),
  weightUpdatePeriod: duration.optional(),
});

const dynamicModule = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(253)
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/),
  lbPolicyName: z.string().min(1).max(253),
  config: z.unknown().optional(),
});

const zoneAware = z.strictObject({
  preferLocal: z
    .strictObject({
      force: z.strictObject({ minEndpointsInZoneThreshold: int32.optional() }).optional(),
      minEndpointsThreshold: z.int().optional(),
      percentageEnabled: z.int().min(0).max(100).optional(),
    })
    .optional(),
  weightedZones: z
    .array(z.strictObject({ zone: z.string(), weight: int32 }))
    .check(unique('zone'))
    .optional(),
});

interface Balancer extends Typed {
  zoneAware?: { preferLocal?: unknown; weightedZones?: unknown } | undefined;
}

/** A field that goes with some types only. */
function notFor(types: readonly string[], message: string, isSet: (balancer: Balancer) => boolean) {
  return rule<Balancer>(message, each => !types.includes(each.type) || !isSet(each));
}

/** LoadBalancer of a BackendTrafficPolicy. */
export const loadBalancer = z
  .strictObject({
    type: z.enum([
      'ConsistentHash',
      'LeastRequest',
      'Random',
      'RoundRobin',
      'BackendUtilization',
      'DynamicModule',
    ]),
    consistentHash: consistentHash.optional(),
    backendUtilization: backendUtilization.optional(),
    dynamicModule: dynamicModule.optional(),
    endpointOverride: z
      .strictObject({
        extractFrom: z
          .array(z.strictObject({ header: z.string().optional() }))
          .min(1)
          .max(10),
      })
      .optional(),
    slowStart: z.strictObject({ window: duration }).optional(),
    zoneAware: zoneAware.optional(),
  })
  .check(
    exactlyFor(
      'ConsistentHash',
      'consistentHash',
      'If LoadBalancer type is consistentHash, consistentHash field needs to be set.',
    ),
    exactlyFor(
      'BackendUtilization',
      'backendUtilization',
      'If LoadBalancer type is BackendUtilization, backendUtilization field needs to be set.',
    ),
    exactlyFor(
      'DynamicModule',
      'dynamicModule',
      'If LoadBalancer type is DynamicModule, dynamicModule field needs to be set.',
    ),
    notFor(
      ['Random', 'ConsistentHash', 'DynamicModule'],
      'Currently SlowStart is only supported for RoundRobin, LeastRequest, and BackendUtilization load balancers.',
      each => each['slowStart'] !== undefined,
    ),
    notFor(
      ['ConsistentHash'],
      'PreferLocal zone-aware routing is not supported for ConsistentHash load balancers. Use weightedZones instead.',
      each => each.zoneAware?.preferLocal !== undefined,
    ),
    notFor(
      ['BackendUtilization'],
      'PreferLocal zone-aware routing is not currently supported for BackendUtilization load balancers. Only WeightedZones can be used with BackendUtilization.',
      each => each.zoneAware?.preferLocal !== undefined,
    ),
    notFor(
      ['DynamicModule'],
      'ZoneAware routing is not supported for DynamicModule load balancers.',
      each => each.zoneAware !== undefined,
    ),
    rule<Balancer>(
      'ZoneAware PreferLocal and WeightedZones cannot be specified together.',
      each => each.zoneAware?.preferLocal === undefined || each.zoneAware.weightedZones === undefined,
    ),
    notFor(
      ['DynamicModule'],
      'EndpointOverride is not supported for DynamicModule load balancers.',
      each => each['endpointOverride'] !== undefined,
    ),
  );
