export { ObjectWriter } from './object-writer.ts';
export { OwnedObjects } from './owned-objects.ts';
