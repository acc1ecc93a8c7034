export type { Audited } from './audit.ts';
export type { Progress } from './binaries.ts';
export type { CrdGroup } from './crds.ts';
export { labImages } from './images/index.ts';
export { Lab, type LabOptions } from './lab.ts';
export type { LabObject } from './objects.ts';
export type { Images } from './pods/pod.ts';
