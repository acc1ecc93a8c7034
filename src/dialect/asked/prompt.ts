import { standsAt } from '../json/json-bytes.ts';
import { JsonParts } from '../json/json-parts.ts';
import { writeText } from '../json/json-text.ts';
import { NextBackslash } from '../json/next-backslash.ts';
import type { FoundValues } from './found-values.ts';
import { END_OF_PROMPT, FIRST_OF_PROMPT, IS_AS_WRITTEN } from './keys.ts';

/** What of a request model servers keep in their prefix caches: texts and token ids, as bytes. */
export interface Prompt {
  /** @returns bytes written: no more than there is room for */
  writeTo(out: Buffer): number;
}

const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const MINUS = 0x2d;
const TOKEN_BYTES = 4;
const ROLE = Buffer.from('"role"');
const CONTENT = Buffer.from('"content"');
const TEXT = Buffer.from('"text"');

/** The prompt of a JSON body, by its places in the body. */
export class JsonPrompt implements Prompt {
  readonly #found: FoundValues;

  constructor(found: FoundValues) {
    this.#found = found;
  }

  writeTo(out: Buffer): number {
    const found = this.#found;
    const writer = new PromptWriter(found.bytes, out);
    for (let key = FIRST_OF_PROMPT; key < END_OF_PROMPT; key++) {
      if (!found.find(key)) continue;
      if (IS_AS_WRITTEN[key]) writer.raw(found.from, found.to);
      else writer.value(found.from, found.to);
    }
    return writer.length;
  }
}

/** The same without the body. @param maxBytes as much of it as is ever wanted */
export function copyOf(prompt: Prompt, maxBytes: number): Prompt {
  const bytes = Buffer.allocUnsafe(maxBytes);
  return new CopiedPrompt(Buffer.from(bytes.subarray(0, prompt.writeTo(bytes))));
}

class CopiedPrompt implements Prompt {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  writeTo(out: Buffer): number {
    return this.#bytes.copy(out);
  }
}

class PromptWriter {
  length = 0;
  readonly #bytes: Buffer;
  readonly #out: Buffer;
  readonly #backslash: NextBackslash;

  constructor(bytes: Buffer, out: Buffer) {
    this.#bytes = bytes;
    this.#out = out;
    this.#backslash = new NextBackslash(bytes);
  }

  /** As it is written. */
  raw(from: number, to: number): void {
    this.length += this.#bytes.copy(this.#out, this.length, from, to);
  }

  /** A text, or a list of texts, token ids, lists of those, messages, items and blocks. */
  value(from: number, to: number): void {
    const first = this.#bytes[from];
    if (first === QUOTE) this.#text(from, to);
    else if (first === OPEN_BRACKET) this.#list(from);
  }

  get #full(): boolean {
    return this.length === this.#out.length;
  }

  #text(from: number, to: number): void {
    this.length += writeText(this.#bytes, from + 1, to - 1, this.#out, this.length, this.#backslash);
  }

  #list(open: number): void {
    const parts = new JsonParts(this.#bytes, open);
    while (!this.#full && parts.enter()) {
      const first = this.#bytes[parts.from];
      if (first === OPEN_BRACE) {
        if (!this.#message(parts)) return;
      } else if (!parts.pass()) return;
      else if (first === OPEN_BRACKET) this.#inner(parts.from);
      else this.#simple(parts.from, parts.to);
    }
  }

  /** A list in a list: texts and token ids; what is deeper is nobody's dialect. */
  #inner(open: number): void {
    const parts = new JsonParts(this.#bytes, open);
    while (!this.#full && parts.next()) this.#simple(parts.from, parts.to);
  }

  #simple(from: number, to: number): void {
    if (this.#bytes[from] === QUOTE) this.#text(from, to);
    else this.#token(from, to);
  }

  /**
   * Role and content of a message, the text of a block; all of what has neither: an image's address or bytes tell it apart as well.
   * @param messages has entered it
   * @returns whether it has an end
   */
  #message(messages: JsonParts): boolean {
    const bytes = this.#bytes;
    const parts = new JsonParts(bytes, messages.from);
    let roleFrom = -1;
    let roleTo = -1;
    let contentFrom = -1;
    let contentTo = -1;
    let textFrom = -1;
    let textTo = -1;
    while (parts.next()) {
      if (isKey(parts, ROLE)) {
        roleFrom = parts.from;
        roleTo = parts.to;
      } else if (isKey(parts, CONTENT)) {
        contentFrom = parts.from;
        contentTo = parts.to;
      } else if (isKey(parts, TEXT)) {
        textFrom = parts.from;
        textTo = parts.to;
      }
    }
    if (parts.state === 'ended') messages.leave(parts.end);
    else if (!messages.pass()) return false;
    if (contentFrom === -1 && roleFrom === -1) {
      if (bytes[textFrom] === QUOTE) this.#text(textFrom, textTo);
      else this.raw(messages.from, messages.to);
      return true;
    }
    if (bytes[roleFrom] === QUOTE) this.#text(roleFrom, roleTo);
    if (bytes[contentFrom] === QUOTE) this.#text(contentFrom, contentTo);
    else if (bytes[contentFrom] === OPEN_BRACKET) this.#blocks(contentFrom);
    return true;
  }

  #blocks(open: number): void {
    const blocks = new JsonParts(this.#bytes, open);
    while (!this.#full && blocks.next()) {
      const { from, to } = blocks;
      if (this.#bytes[from] === OPEN_BRACE) this.#block(from, to);
      else this.#simple(from, to);
    }
  }

  #block(from: number, to: number): void {
    const parts = new JsonParts(this.#bytes, from);
    let textFrom = -1;
    let textTo = -1;
    while (parts.next()) {
      if (!isKey(parts, TEXT)) continue;
      textFrom = parts.from;
      textTo = parts.to;
    }
    if (this.#bytes[textFrom] === QUOTE) this.#text(textFrom, textTo);
    else this.raw(from, to);
  }

  #token(from: number, to: number): void {
    if (this.length > this.#out.length - TOKEN_BYTES) return;
    const bytes = this.#bytes;
    let id = 0;
    const first = bytes[from] === MINUS ? from + 1 : from;
    for (let at = first; at < to; at++) {
      const digit = (bytes[at] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      id = (Math.imul(id, 10) + digit) | 0;
    }
    this.length = this.#out.writeInt32LE(first === from ? id : -id | 0, this.length);
  }
}

/** @param key with its quotes */
function isKey({ bytes, keyFrom, keyTo }: JsonParts, key: Buffer): boolean {
  return keyTo - keyFrom === key.length && standsAt(bytes, keyFrom, key);
}
