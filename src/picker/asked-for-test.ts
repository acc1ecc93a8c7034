import { type Asked, asked } from '../dialect/index.ts';

/** What a body says; not text: as JSON. */
export function askedFor(body: unknown): Asked {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return asked(Buffer.from(text), { contentType: 'application/json', contentEncoding: '' });
}
