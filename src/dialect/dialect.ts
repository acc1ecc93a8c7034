/** A top-level key of a request's body whose value the model is given, or one whose value is taken as it is written. */
export type PromptKey = string | { readonly asWritten: string };

/** Chat templates put the tools before the messages, as they are written. */
export const TOOLS: PromptKey = { asWritten: 'tools' };

/** Where a request's body says what it asks for. A place is a top-level key, or `a.b` for the key `b` of the object under `a`. */
export interface RequestShape {
  /** In the order in which chat templates and model servers put the prompt together. */
  readonly prompt: readonly PromptKey[];
  /** The most tokens that one choice may have; of several places the first that holds a number counts. */
  readonly maxTokens?: readonly string[];
  /** How many choices are generated. */
  readonly choices?: readonly string[];
  /** `true` there asks for the usage at the end of a stream. */
  readonly includeUsage?: readonly string[];
  /** The id of the answer that the request goes on from. */
  readonly continues?: readonly string[];
}

/** What stands at a place of an answer. Numbers are tokens; the last number that comes counts. */
export type AnswerFact =
  | 'id'
  | 'model'
  /** Why it ended. */
  | 'finish'
  /** How far it has come, where no place says why it ended. */
  | 'status'
  /** Tokens of the prompt, with those that a cache had. */
  | 'in'
  /** Tokens of the prompt that a cache had. */
  | 'cached'
  /** The same, where they are not part of `in`. */
  | 'cachedBeside'
  /** Tokens of the prompt that were written to a cache, where they are not part of `in`. */
  | 'writtenBeside'
  /** Tokens generated, with those of reasoning. */
  | 'out'
  | 'reasoning'
  /** Of each answer in a list: the sum counts. */
  | 'in+'
  | 'cached+'
  | 'out+'
  /** Something generated, where it is neither empty nor null. */
  | 'content'
  /** Which answer of a batch an event belongs to. From the second one on no event knows the figures of all. */
  | 'index';

/** Where an answer says what it was. A place is `a.b` for the key `b` of the object under `a`; `[]` is each element of a list. */
export interface AnswerShape {
  /** In an answer that is one JSON value. */
  readonly whole: Readonly<Record<string, AnswerFact>>;
  /** In the JSON of each event of a stream. */
  readonly event: Readonly<Record<string, AnswerFact>>;
}

/** One way in which clients and model servers speak: a file in `dialects/`, and a line of `dialect-table.ts`. */
export interface Dialect {
  readonly name: string;
  /** Whole segments of the paths on which it is spoken. */
  readonly paths: readonly string[];
  readonly request: RequestShape;
  readonly answer: AnswerShape;
  /** An error as clients read it, to be written as JSON. @param param the field that it is about */
  error(status: number, type: string, message: string, param: string | null): object;
}
