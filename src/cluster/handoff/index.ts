export { HandoffPublisher } from './handoff-publisher.ts';
export { HandoffReader } from './handoff-reader.ts';
