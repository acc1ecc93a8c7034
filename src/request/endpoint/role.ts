/**
 * What an endpoint does for a request. Where one does all of it, as nearly always, that is the one that decodes: the request is sent to it,
 * and it gives the answer. Others work beside it, as a server that computes the prompt does where a pool keeps its servers apart.
 */
export type Role = 'decode' | 'prefill';

/** Of the endpoint that a request is sent to. */
export const DEFAULT_ROLE = 'decode';

/** The endpoint of another role than {@link DEFAULT_ROLE}. */
export interface RoleEndpoint {
  readonly role: Exclude<Role, typeof DEFAULT_ROLE>;
  /** In the target. */
  readonly index: number;
}
