import { codingOf, decoded, MAX_INFLATED_BYTES } from '../content-coding.ts';
import { JSON_BOUNDS } from '../json/json-bytes.ts';
import type { Asked } from './asked-values.ts';
import { readJsonBody, valueStart } from './json-body.ts';
import { boundaryOf, readForm } from './multipart.ts';
import { copyOf } from './prompt.ts';
import { replaced } from './with-model.ts';

/** Of a prompt this much is looked at at most. */
export const MAX_PROMPT_BYTES = 16 * 1024;

/** What of a request's head says how its body is to be read; '' for what is not there. */
export interface BodyKind {
  readonly contentType: string;
  readonly contentEncoding: string;
}

const OPEN_BRACE = 0x7b;
/** A list of inputs names no model; there are servers that take such. */
const OPEN_BRACKET = 0x5b;

const NOTHING = {
  model: '',
  stream: false,
  previousResponse: '',
  prompt: undefined,
  maxTokens: undefined,
  choices: 1,
  includeUsage: false,
};

function nothing(unread?: string): Asked {
  return {
    ...NOTHING,
    unread,
    withModel: () => {
      throw new Error('a body without a model has none to replace');
    },
  };
}

/** No body, or one that says nothing: a tensor, a list, a file. */
export const ASKED_NOTHING: Asked = nothing();
const NO_JSON_OBJECT = nothing('is not valid JSON, or no JSON object.');
const BEYOND_BOUNDS = nothing(
  `is nested deeper than ${JSON_BOUNDS.maxDepth} values, or has more than ${JSON_BOUNDS.maxValues} of them.`,
);
const TOO_MANY_PARTS = nothing('has more parts than are looked at for its model.');
const UNKNOWN_CODING = nothing('has a Content-Encoding that is not known here.');
const NOT_INFLATED = nothing(
  `is not what its Content-Encoding says, or holds more than ${MAX_INFLATED_BYTES} bytes.`,
);

/**
 * Reads what a body asks for: in one pass, by loops, in time that grows as the body does, without making values of it.
 * It throws nothing, whatever the body is.
 */
export function asked(body: Buffer, { contentType, contentEncoding }: BodyKind): Asked {
  if (body.length === 0) return ASKED_NOTHING;
  const coding = codingOf(contentEncoding);
  if (coding === undefined) return askedPlain(body, contentType);
  if (coding === 'unknown') return UNKNOWN_CODING;
  const inner = decoded(body, coding);
  if (inner === undefined) return NOT_INFLATED;
  const plain = askedPlain(inner, contentType);
  const { model, stream, previousResponse, prompt, maxTokens, choices, includeUsage, unread } = plain;
  return {
    ...{ model, stream, previousResponse, maxTokens, choices, includeUsage, unread },
    // A copy, as far as it is looked at.
    prompt: prompt && copyOf(prompt, MAX_PROMPT_BYTES),
    withModel: name => [coding.encode(Buffer.concat(plain.withModel(name)))],
  };
}

function askedPlain(body: Buffer, contentType: string): Asked {
  const boundary = boundaryOf(contentType);
  if (boundary !== undefined) {
    const form = readForm(body, boundary);
    if (form === undefined) return TOO_MANY_PARTS;
    if (form.model === '') return ASKED_NOTHING;
    return {
      ...NOTHING,
      model: form.model,
      stream: form.stream,
      includeUsage: form.includeUsage,
      unread: undefined,
      withModel: model => replaced(body, form.models, Buffer.from(model)),
    };
  }
  const open = valueStart(body);
  if (body[open] !== OPEN_BRACE)
    return saysJson(contentType) && body[open] !== OPEN_BRACKET ? NO_JSON_OBJECT : ASKED_NOTHING;
  const read = readJsonBody(body, open);
  if (typeof read === 'object') return read;
  // JSON with a tensor behind it, say.
  if (!saysJson(contentType) && !saysText(contentType)) return ASKED_NOTHING;
  return read === 'beyond the bounds' ? BEYOND_BOUNDS : NO_JSON_OBJECT;
}

/** What clients say of JSON that was not asked what it is: `fetch` with a string, `curl -d`. */
function saysText(contentType: string): boolean {
  return /^(?:text\/|application\/x-www-form-urlencoded)/i.test(contentType);
}

/** Where no Content-Type is said, JSON is what is meant. */
function saysJson(contentType: string): boolean {
  return contentType === '' || /^[^;]{0,100}json/i.test(contentType);
}
