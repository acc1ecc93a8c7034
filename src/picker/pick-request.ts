import type { Prompt } from '../dialect/index.ts';
import type { Criticality } from '../plan/index.ts';

export interface PickRequest {
  /** Sent upstream: an adapter's or the base model's name; '' when the request names none. */
  readonly model: string;
  readonly criticality: Criticality;
  readonly prompt: Prompt | undefined;
  /** Index of the endpoint that keeps what the request is about; -1 or absent: it is about nothing that is kept. */
  readonly owner?: number;
}
