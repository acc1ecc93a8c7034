import type { BackendTrafficPolicy } from '../../api/index.ts';

export type PolicySpec = BackendTrafficPolicy['spec'];
