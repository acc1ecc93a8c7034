import type { HTTPRoute } from '../../api/index.ts';
import type { Cors, CorsOrigin } from '../../plan/index.ts';

type Filter = NonNullable<NonNullable<HTTPRoute['spec']['rules']>[number]['filters']>[number];
export type CorsFilter = NonNullable<Filter['cors']>;

/** The default of the CRD. */
const MAX_AGE_SECONDS = 5;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' };

export function corsOf(filter: CorsFilter): Cors {
  const { allowOrigins = [], allowMethods = [], allowHeaders = [], exposeHeaders = [] } = filter;
  const allowCredentials = filter.allowCredentials === true;
  return {
    origins: allowOrigins.map(originOf),
    allowMethods,
    allowHeaders,
    // "the gateway cannot use the `*`" where credentials are allowed (HTTPCORSFilter.exposeHeaders)
    exposeHeaders: exposeHeaders.filter(name => name !== '*' || !allowCredentials),
    allowCredentials,
    maxAgeSeconds: filter.maxAge ?? MAX_AGE_SECONDS,
  };
}

/** HTTPCORSFilter.allowOrigins: `*` stands for any labels to the left of the rest; a port that is not said is the scheme's. */
function originOf(written: string): CorsOrigin {
  if (written === '*') return { type: 'RegularExpression', value: '.*' };
  const [, scheme = '', host = '', port] =
    /^(https?):\/\/([^:]+)(?::([0-9]+))?$/.exec(written.toLowerCase()) ?? [];
  // Browsers leave the scheme's own port out (Fetch, "serializing a request origin").
  const suffix = port === undefined || port === DEFAULT_PORTS[scheme] ? '' : `:${port}`;
  const value = `${scheme}://${host}${suffix}`;
  if (!host.startsWith('*')) return { type: 'Exact', value };
  return { type: 'RegularExpression', value: value.replaceAll('.', '\\.').replace('*', '[^:/]+') };
}
