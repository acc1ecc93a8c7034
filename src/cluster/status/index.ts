export { withheldKinds } from './dependencies.ts';
export { ownershipOf } from './gateway-owners.ts';
export { StatusWriter } from './status-writer.ts';
