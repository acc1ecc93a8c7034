export type { WantedEvent } from './event.ts';
export { EventWriter } from './event-writer.ts';
