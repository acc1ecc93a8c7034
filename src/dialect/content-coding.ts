import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib';

/** A compressed body is read up to so many bytes of what it holds: 20 ms; one that holds more counts as unread. */
export const MAX_INFLATED_BYTES = 16 * 1024 * 1024;

/** How a body is written for the way (RFC 9110 section 8.4). */
interface Coding {
  decode(bytes: Buffer): Buffer;
  /** As fast as it goes. */
  encode(bytes: Buffer): Buffer;
}

const BOUND = { maxOutputLength: MAX_INFLATED_BYTES };

const GZIP: Coding = {
  decode: bytes => gunzipSync(bytes, BOUND),
  encode: bytes => gzipSync(bytes, { level: 1 }),
};

const CODINGS: Readonly<Record<string, Coding>> = {
  gzip: GZIP,
  'x-gzip': GZIP,
  // RFC 9110 section 8.4.1.2 is zlib's form; some send it without zlib's head.
  deflate: {
    decode: bytes =>
      ((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync(bytes, BOUND) : inflateRawSync(bytes, BOUND),
    encode: bytes => deflateSync(bytes, { level: 1 }),
  },
  br: {
    decode: bytes => brotliDecompressSync(bytes, BOUND),
    encode: bytes => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  },
  zstd: {
    decode: bytes => zstdDecompressSync(bytes, BOUND),
    encode: bytes => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  },
};

/**
 * @param contentEncoding the header's value
 * @returns undefined where nothing is encoded; `unknown` for what is not known here, or is encoded twice
 */
export function codingOf(contentEncoding: string): Coding | 'unknown' | undefined {
  if (contentEncoding === '') return undefined;
  const names = contentEncoding
    .slice(0, 64)
    .toLowerCase()
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '' && name !== 'identity');
  const [name] = names;
  if (name === undefined) return undefined;
  return names.length === 1 && Object.hasOwn(CODINGS, name) ? (CODINGS[name] as Coding) : 'unknown';
}

/** @returns undefined for what is broken, or holds more than {@link MAX_INFLATED_BYTES} */
export function decoded(bytes: Buffer, coding: Coding): Buffer | undefined {
  try {
    return coding.decode(bytes);
  } catch {
    return undefined;
  }
}
