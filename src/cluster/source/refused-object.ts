import type { KubeObject } from '../../api/index.ts';

/** An object that an API server has taken and that cannot be read here. */
export interface RefusedObject {
  /** As the API server gave it: only what identifies it is known to be well-formed. */
  readonly raw: KubeObject;
  readonly message: string;
  /** Its last form that could be read goes on to count. */
  readonly lastFormCounts: boolean;
}
