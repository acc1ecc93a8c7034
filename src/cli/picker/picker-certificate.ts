import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { BreakwaterError } from '../../kernel/breakwater-error.ts';
import { type ServerCertificate, selfSigned } from '../../tls/index.ts';

/**
 * What the picker serves TLS with.
 * @param folder with tls.crt and tls.key, as a mounted Secret has them; undefined: it signs a certificate itself
 */
export function servingCertificate(folder: string | undefined): ServerCertificate {
  if (folder === undefined) return selfSigned('breakwater-picker', new Date());
  try {
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    const pair = { cert: read('tls.crt'), key: read('tls.key') };
    createSecureContext(pair);
    return pair;
  } catch (cause) {
    throw new BreakwaterError(
      'BW_USAGE',
      `--cert-path ${folder}: expected a folder with a pair of tls.crt and tls.key: ${(cause as Error).message}`,
      { cause },
    );
  }
}
