import type { MessageInitShape } from '@bufbuild/protobuf';
import type { PathModifier, Route, RouteAction } from '../../../plan/index.ts';
import {
  RedirectAction_RedirectResponseCode as Code,
  type RedirectActionSchema,
} from '../../gen/envoy/config/route/v3/route_components_pb.ts';
import type { Parts } from '../message-parts.ts';
import { escapeSubstitution, prefixRewrite } from './prefix-rewrite.ts';

const STATUS = {
  301: Code.MOVED_PERMANENTLY,
  302: Code.FOUND,
  303: Code.SEE_OTHER,
  307: Code.TEMPORARY_REDIRECT,
  308: Code.PERMANENT_REDIRECT,
} as const;

type Redirect = Extract<RouteAction, { kind: 'redirect' }>;

/** Where a route is asked. */
export interface AskedAt {
  readonly scheme: 'http' | 'https';
  /** Where the server is really reached. */
  readonly port: number;
  /** Of its virtual host: `foo.example.com`, `*.example.com` or `*`. */
  readonly domain: string;
}

/** A redirect, and for which requests. */
export interface RedirectForm {
  readonly action: Parts<typeof RedirectActionSchema>;
  /** Only for requests whose Host has a port. */
  readonly hostWithPort?: true;
}

/**
 * HTTPRequestRedirectFilter.port: the one that is given, else that of the scheme that is given, else the listener's own; it
 * is left out where the scheme implies it. Envoy then keeps the port of the request's Host: so the host is written where
 * it is known, and elsewhere a request with a port has a form of its own, which names the port that is implied.
 */
export function redirects({ match }: Route, action: Redirect, at: AskedAt): RedirectForm[] {
  const scheme = action.scheme ?? at.scheme;
  const implied = scheme === 'https' ? 443 : 80;
  const port = action.port ?? (action.scheme === undefined ? at.port : implied);
  const base: RedirectForm['action'] = {
    ...(action.scheme !== undefined && {
      schemeRewriteSpecifier: { case: 'schemeRedirect', value: action.scheme },
    }),
    ...(action.hostname !== undefined && { hostRedirect: action.hostname }),
    ...(action.path && { pathRewriteSpecifier: redirectPath(action.path, match.path.value) }),
    responseCode: STATUS[action.statusCode],
  };
  const named: RedirectForm = { action: { ...base, portRedirect: port } };
  if (port !== implied) return [named];
  if (action.hostname !== undefined) return [{ action: base }];
  if (!at.domain.startsWith('*')) return [{ action: { ...base, hostRedirect: at.domain } }];
  return [{ ...named, hostWithPort: true }, { action: base }];
}

function redirectPath(
  path: PathModifier,
  matched: string,
): NonNullable<MessageInitShape<typeof RedirectActionSchema>['pathRewriteSpecifier']> {
  if (path.type === 'ReplaceFullPath') return { case: 'pathRedirect', value: path.value };
  const rewrite = prefixRewrite(matched, path.value);
  return rewrite.kind === 'prefix'
    ? { case: 'prefixRewrite', value: rewrite.value }
    : {
        case: 'regexRewrite',
        value: { pattern: { regex: rewrite.regex }, substitution: escapeSubstitution(rewrite.value) },
      };
}
