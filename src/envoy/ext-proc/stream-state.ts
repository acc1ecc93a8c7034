import type { HeldBody } from './held-body.ts';
import type { PickedReply, PickerReply, RequestHeaders } from './message.ts';

/** Where a request is: `reading` its body to know what it asks for; `passing` on what follows the pick. */
export type State =
  | { readonly at: 'start' }
  | { readonly at: 'reading'; readonly body: HeldBody }
  | Waiting
  | { readonly at: 'passing' }
  | { readonly at: 'over' };

export const START: State = { at: 'start' };
export const PASSING: State = { at: 'passing' };
export const OVER: State = { at: 'over' };

/** It goes on where it was when what it waits for is there: a step (`wait`), or the pool's own picker (`ask`). */
export interface Waiting {
  readonly at: 'waiting';
  readonly for: 'wait' | 'ask';
  /** Of a step: at the most. */
  readonly waitMs: number;
  /** Of what waits before its body is read. */
  readonly head: RequestHeaders | undefined;
  readonly phase: PickedReply['phase'];
  /** As much of it as was read. */
  readonly body: Buffer | undefined;
  /** What trailers that end the body are answered. */
  readonly tail: PickerReply | undefined;
}

/** Who is told when what a request has waited for is there. */
export interface GoesOn {
  goesOn(): void;
}
