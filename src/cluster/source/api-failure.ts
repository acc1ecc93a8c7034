/** Why the API server, or the way to it, did not give what was asked for. */
export interface Failure {
  readonly kind: 'unreachable' | 'forbidden' | 'refused' | 'expired' | 'not-found' | 'too-large';
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** meta/v1 Status, as far as it is read. */
interface Status {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { readonly reason?: string }[];
  };
}

/**
 * Of an answer that is no success, or of a watch event of type ERROR.
 * @param httpStatus what counts where the Status gives no code
 */
export function failureOf(status: unknown, httpStatus: number): Failure {
  const {
    code = httpStatus,
    reason = '',
    message = `HTTP status ${httpStatus}`,
    details,
  } = isObject(status) ? (status as Status) : {};
  const seconds = details?.retryAfterSeconds;
  const retryAfterMs = typeof seconds === 'number' && seconds > 0 ? Math.min(seconds, 60) * 1000 : undefined;
  return {
    kind: kindOf(code, reason, details?.causes ?? []),
    message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function kindOf(code: number, reason: string, causes: readonly { reason?: string }[]): Failure['kind'] {
  // Reasons of meta/v1: Expired is of a continue token or a resourceVersion, Gone of older API servers.
  if (code === 410 || reason === 'Expired' || reason === 'Gone') return 'expired';
  // An etcd that was restored from a backup is behind the resourceVersions that were given before: 504 with this cause.
  if (causes.some(cause => cause.reason === 'ResourceVersionTooLarge')) return 'expired';
  // A resourceVersion or token that it cannot read comes from another life of the cluster.
  if (code === 400) return 'expired';
  if (code === 401 || code === 403) return 'forbidden';
  if (code === 404) return 'not-found';
  return 'refused';
}

/** What is to be done about it, after a wait: the same again, list anew, list in smaller pages, or look whether the kind is there. */
export function advice({ kind }: Failure): 'again' | 'list' | 'smaller' | 'discover' {
  switch (kind) {
    case 'expired':
      return 'list';
    case 'too-large':
      return 'smaller';
    case 'not-found':
      return 'discover';
    case 'forbidden':
    case 'refused':
    case 'unreachable':
      return 'again';
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
