import { MAX_NAME_BYTES } from './found-values.ts';

/** Parts of a form that are looked at, and bytes of the head of each: a file's name is the longest of it. */
const MAX_PARTS = 1000;
const MAX_PART_HEAD_BYTES = 8 * 1024;
/** RFC 2046 section 5.1.1 allows 70. */
const MAX_BOUNDARY = 200;

const HEAD_END = Buffer.from('\r\n\r\n');
const DASH = 0x2d;
const LOWER_M = 0x6d;

/** What a form asks for: OpenAI's transcriptions, translations, images. */
export interface FormBody {
  readonly model: string;
  readonly stream: boolean;
  /** vLLM's `stream_include_usage`. */
  readonly includeUsage: boolean;
  /** Where each value of the field `model` begins and ends, by turns. */
  readonly models: readonly number[];
}

/** @returns undefined for what is no form */
export function boundaryOf(contentType: string): string | undefined {
  // Most bodies are none: nothing is made of their type.
  if ((contentType.charCodeAt(0) | 0x20) !== LOWER_M) return undefined;
  if (!contentType.slice(0, 20).toLowerCase().startsWith('multipart/')) return undefined;
  const found = /;[ \t]*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType.slice(0, 1024));
  const boundary = found?.[1] ?? found?.[2];
  return boundary !== undefined && boundary.length <= MAX_BOUNDARY ? boundary : undefined;
}

/**
 * Looks for what is known among the fields of a form (RFC 7578), whose files are passed over.
 * @returns undefined where it has more parts than are looked at
 */
export function readForm(bytes: Buffer, boundary: string): FormBody | undefined {
  const first = Buffer.from(`--${boundary}`, 'latin1');
  const next = Buffer.from(`\r\n--${boundary}`, 'latin1');
  const models: number[] = [];
  let model = '';
  let stream = false;
  let includeUsage = false;
  let at = bytes.subarray(0, first.length).equals(first) ? first.length : after(bytes, next, 0);
  for (let parts = 0; at !== -1; parts++) {
    if (bytes[at] === DASH && bytes[at + 1] === DASH) break;
    if (parts === MAX_PARTS) return undefined;
    // RFC 2046 section 5.1.1: a delimiter's line ends with CRLF; a part's head may be empty.
    const head = bytes.subarray(at, at + MAX_PART_HEAD_BYTES);
    const headEnd = head.indexOf(HEAD_END);
    const end = bytes.indexOf(next, headEnd === -1 ? at : at + headEnd + 2);
    if (end === -1) break;
    const field = headEnd === -1 ? '' : fieldName(head.toString('latin1', 0, headEnd));
    if (field !== '') {
      const from = at + headEnd + HEAD_END.length;
      const to = Math.max(from, end);
      const value = bytes.toString('utf8', from, Math.min(to, from + MAX_NAME_BYTES)).trim();
      if (field === 'model') {
        models.push(from, to);
        model = value;
      } else if (field === 'stream') stream = isTrue(value);
      else includeUsage = isTrue(value);
    }
    at = end + next.length;
  }
  return { model, models, stream, includeUsage };
}

function after(bytes: Buffer, what: Buffer, from: number): number {
  const at = bytes.indexOf(what, from);
  return at === -1 ? -1 : at + what.length;
}

/** What pydantic takes for true in a form. */
function isTrue(value: string): boolean {
  return /^(?:true|1|yes|on|t|y)$/i.test(value);
}

/**
 * RFC 7578 section 4.2: `Content-Disposition: form-data; name="model"`; what has a filename is a file.
 * @returns the name of a field that is looked for, or ''
 */
function fieldName(head: string): string {
  const line = /(?:^|\r\n)content-disposition[ \t]*:([^\r\n]*)/i.exec(head)?.[1] ?? '';
  const found =
    /;[ \t]*name[ \t]*=[ \t]*(?:"(model|stream|stream_include_usage)"|(model|stream|stream_include_usage)(?=[ \t]*(?:;|$)))/i.exec(
      line,
    );
  if (found === null || /;[ \t]*filename\*?[ \t]*=/i.test(line)) return '';
  return (found[1] ?? found[2] ?? '').toLowerCase();
}
