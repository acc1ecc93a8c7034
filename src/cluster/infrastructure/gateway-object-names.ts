import { createHash } from 'node:crypto';
import type { Gateway } from '../../api/index.ts';

const MAX_PREFIX = 48;
/** Of the value of a label. */
const MAX_LABEL = 63;

/** `envoy-NAMESPACE-NAME-HASH`, at most 63 characters (Envoy Gateway, ExpectedResourceHashedName). */
export function infrastructureName({ metadata }: Gateway): string {
  const whole = `${metadata.namespace}/${metadata.name}`;
  const name = whole.replaceAll('/', '-').slice(0, MAX_PREFIX).replace(/[-.]$/, '').replaceAll('.', '-');
  return `envoy-${name}-${hashOf(whole)}`;
}

/** A name as the value of a label: whole, or as much of it as there is room for and a hash. */
export function labelValue(name: string): string {
  return name.length <= MAX_LABEL ? name : `${name.slice(0, MAX_LABEL - 9)}-${hashOf(name)}`;
}

/** The first 8 hexadecimal digits of SHA-256. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
