export { ObjectWriter } from './object-writer.ts';
