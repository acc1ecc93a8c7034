import { isIP } from 'node:net';
import { z } from 'zod';
import { labelSelector, labelValue, localObject } from '../common-schemas.ts';
import { kubeObject } from '../kube-object.ts';
import { repeatedAt, rule } from '../schema-rules.ts';
import { listeners } from './gateway-listener.ts';
import { gatewayTls } from './gateway-tls.ts';

const HOSTNAME = /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const address = z
  .strictObject({
    type: z
      .string()
      .min(1)
      .max(253)
      .regex(
        /^Hostname|IPAddress|NamedAddress|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/,
      )
      .default('IPAddress'),
    value: z.string().max(253).optional(),
  })
  .check(
    rule(
      'value must be a valid IPv4 or IPv6 address when type is IPAddress',
      ({ type, value }) => type !== 'IPAddress' || value === undefined || isIP(value) > 0,
      () => ['value'],
    ),
    rule(
      `Hostname value must be empty or contain only valid characters (matching ${HOSTNAME.source})`,
      ({ type, value }) => type !== 'Hostname' || value === undefined || HOSTNAME.test(value),
      () => ['value'],
    ),
  );

type Address = z.output<typeof address>;

function uniqueOfType(type: string) {
  const ofType = (all: Address[]) =>
    repeatedAt([...all.entries()], ([index, each]) =>
      each.type === type && each.value !== undefined ? each.value : `${index} `,
    );
  return rule<Address[]>(
    `${type} values must be unique`,
    all => ofType(all) === -1,
    all => [ofType(all)],
  );
}

const LABEL_KEY =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/;

function keysOf(what: 'Label' | 'Annotation') {
  return rule<Record<string, string>>(
    `${what} keys must be in the form of an optional DNS subdomain prefix followed by a required name segment of up to 63 characters.`,
    map => Object.keys(map).every(key => LABEL_KEY.test(key)),
  );
}

function prefixesOf(what: 'label' | 'annotation') {
  return rule<Record<string, string>>(
    `If specified, the ${what} key's prefix must be a DNS subdomain not longer than 253 characters in total.`,
    map => Object.keys(map).every(key => key.split('/', 1)[0]!.length < 253),
  );
}

/** Of ListenerSets. */
const allowedListeners = z.strictObject({
  namespaces: z
    .strictObject({
      from: z.enum(['All', 'Selector', 'Same', 'None']).default('None'),
      selector: labelSelector.optional(),
    })
    .prefault({ from: 'None' }),
});

/** gateway.networking.k8s.io/v1 Gateway */
export const gatewaySchema = kubeObject({
  spec: z.strictObject({
    gatewayClassName: z.string().min(1).max(253),
    listeners,
    addresses: z.array(address).max(16).check(uniqueOfType('IPAddress'), uniqueOfType('Hostname')).optional(),
    infrastructure: z
      .strictObject({
        labels: z.record(z.string(), labelValue).check(keysOf('Label'), prefixesOf('label')).optional(),
        annotations: z
          .record(z.string(), z.string().max(4096))
          .check(keysOf('Annotation'), prefixesOf('annotation'))
          .optional(),
        parametersRef: z.strictObject(localObject).optional(),
      })
      .optional(),
    allowedListeners: allowedListeners.optional(),
    defaultScope: z.enum(['All', 'None']).optional(),
    tls: gatewayTls.optional(),
  }),
});

export type Gateway = z.input<typeof gatewaySchema>;
