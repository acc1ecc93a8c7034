import type { UnknownFields } from '../api/index.ts';
import type { Part } from './part.ts';

/** What the thread that reads parts is asked. */
export interface PartRequest {
  readonly text: string;
  readonly unknownFields: UnknownFields;
}

/** What it answers, in the order in which it was asked. */
export type PartReply = Part;
