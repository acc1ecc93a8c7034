/** Characters of generated names: no vowels, so that no words come about (k8s.io/apimachinery/pkg/util/rand). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** FNV-1a of 32 bits. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** A Pod template's hash in the form of a ReplicaSet's: `7d9c5b6f4`. */
export function templateHash(template: string): string {
  return [...String(fnv1a(template))].map(digit => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join('');
}

/** The five characters at a Pod's end; the same for the same replica, so that a restart of the program changes no names. */
export function podSuffix(replica: string): string {
  let rest = fnv1a(replica);
  let suffix = '';
  for (let count = 0; count < 5; count++) {
    suffix += ALPHABET[rest % ALPHABET.length];
    rest = Math.floor(rest / ALPHABET.length);
  }
  return suffix;
}
