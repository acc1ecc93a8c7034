export type { Audited } from './audit.ts';
export type { CrdGroup } from './crds.ts';
export { labImages } from './images/index.ts';
export { Lab } from './lab.ts';
export type { LabObject } from './objects.ts';
