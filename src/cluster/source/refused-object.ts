import type { KubeObject } from '../../api/index.ts';

/** An object that an API server has taken and that cannot be read here, or not all of it. */
export interface RefusedObject {
  /** As the API server gave it: only what identifies it is known to be well-formed. */
  readonly raw: KubeObject;
  readonly message: string;
  /**
   * What counts in its place: its last form that could be read; nothing; of a policy, that what it is about is answered with
   * 500; or all of it but fields that are not known.
   */
  readonly counts: 'last-form' | 'nothing' | 'closed-targets' | 'known-fields';
}
