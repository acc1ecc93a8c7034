import { expressionOf } from '../../kernel/index.ts';
import type { Cors, HeaderMutation } from '../../plan/index.ts';
import type { LocalReply } from '../local-reply.ts';

/** The CORS policy of a route, ready to be asked. It does what Envoy's CORS filter does. */
export class CorsPolicy {
  readonly #exact = new Set<string>();
  readonly #expressions: ReturnType<typeof expressionOf>[] = [];
  readonly #cors: Cors;

  constructor(cors: Cors) {
    this.#cors = cors;
    for (const { type, value } of cors.origins)
      if (type === 'Exact') this.#exact.add(value);
      else this.#expressions.push(expressionOf(value));
  }

  /** The answer to a preflight request (Fetch, "CORS-preflight request"); undefined: it is another kind of request. */
  preflight(method: string, headers: readonly string[]): LocalReply | undefined {
    if (method !== 'OPTIONS') return undefined;
    const origin = headerLine(headers, 'origin');
    const asked = headerLine(headers, 'access-control-request-method');
    if (!origin || !asked) return undefined;
    const { allowCredentials, allowMethods, allowHeaders, exposeHeaders, maxAgeSeconds } = this.#cors;
    const allowed = this.#allows(origin);
    const answer: string[] = [];
    const add = (name: string, value: string | undefined) => {
      if (value) answer.push(`access-control-${name}`, value);
    };
    add('allow-origin', allowed ? origin : undefined);
    add('allow-credentials', allowCredentials ? 'true' : undefined);
    // What any is allowed of is said by name: `*` would mean a method or header of that name to a client with credentials.
    add('allow-methods', allowMethods[0] === '*' ? asked : allowMethods.join(', '));
    const names = () => headerLine(headers, 'access-control-request-headers');
    add('allow-headers', allowHeaders[0] === '*' ? names() : allowHeaders.join(', '));
    add('max-age', String(maxAgeSeconds));
    add('expose-headers', allowed ? exposeHeaders.join(', ') : undefined);
    return { status: 200, headers: answer, body: '' };
  }

  /** What the answer to any other request says; undefined: nothing. */
  response(headers: readonly string[]): HeaderMutation | undefined {
    const origin = headerLine(headers, 'origin');
    if (!origin || !this.#allows(origin)) return undefined;
    const { allowCredentials, exposeHeaders } = this.#cors;
    const set = [{ name: 'access-control-allow-origin', value: origin }];
    if (allowCredentials) set.push({ name: 'access-control-allow-credentials', value: 'true' });
    if (exposeHeaders.length > 0)
      set.push({ name: 'access-control-expose-headers', value: exposeHeaders.join(', ') });
    return { set, add: [], remove: [] };
  }

  #allows(origin: string): boolean {
    return this.#exact.has(origin) || this.#expressions.some(each => each.matches(origin));
  }
}

function headerLine(headers: readonly string[], name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return headers[i + 1];
  return undefined;
}
