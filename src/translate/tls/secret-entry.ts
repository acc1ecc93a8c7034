import type { Secret } from '../../api/index.ts';

/** `stringData` wins over `data`, which is base64 (core/v1 Secret). */
export function secretEntry(secret: Secret, key: string): string | undefined {
  const plain = secret.stringData?.[key];
  if (plain !== undefined) return plain;
  const encoded = secret.data?.[key];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}
