import { KINDS } from './kinds.ts';

/** Only what runs on one machine needs them: the workloads of `breakwater up`. ConfigMaps hold what TLS trusts. */
const LOCAL: readonly string[] = ['ServiceAccount'];

/** The kinds that a controller reads. Its service account may list and watch these and no others. */
export const CLUSTER_KINDS = KINDS.filter(({ id }) => !LOCAL.includes(id));
