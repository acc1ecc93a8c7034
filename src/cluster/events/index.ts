export { EventWriter } from './event-writer.ts';
export type { WantedEvent } from './wanted-event.ts';
