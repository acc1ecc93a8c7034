import type { SecretText } from '../../tls/index.ts';

/** core/v1 Secret.data is base64. */
export function decoded(data: Readonly<Record<string, string>> | null | undefined): SecretText {
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}

export function encoded(text: SecretText): Record<string, string> {
  return Object.fromEntries(
    Object.entries(text).flatMap(([key, value = '']) => [[key, Buffer.from(value).toString('base64')]]),
  );
}
