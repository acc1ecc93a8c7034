import type { Prompt } from './prompt.ts';
import type { Pieces } from './with-model.ts';

/** What a request's body asks for, in whichever dialect. */
export interface Asked {
  /** '' where it names none. A string of its own, cut to a kilobyte. */
  readonly model: string;
  readonly stream: boolean;
  /** Responses: the id of the answer that it goes on from; '' where it does not. */
  readonly previousResponse: string;
  readonly prompt: Prompt | undefined;
  /** The most tokens that one choice may have; undefined where it says none. */
  readonly maxTokens: number | undefined;
  /** How many choices are generated (`n`). */
  readonly choices: number;
  /** Whether a stream is to end with its usage. */
  readonly includeUsage: boolean;
  /** Why it is not known what it asks for, where it says that it can be; the sentence goes on from "The request body". */
  readonly unread: string | undefined;
  /** The body with another model, in pieces of the old one where that is large. Only where it names one. */
  withModel(model: string): Pieces;
}
