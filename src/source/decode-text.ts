/** The text of a file, or why it is none. A byte order mark is left out. */
export type Decoded = { readonly text: string } | { readonly error: string };

/** Decodes UTF-8 (RFC 3629) strictly: characters that were silently replaced would end up in objects. */
export function decodeText(bytes: Uint8Array): Decoded {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    const [first, second] = bytes;
    const utf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
    return { error: `is not UTF-8${utf16 ? ', but UTF-16' : ''}: save it as UTF-8` };
  }
}
