import { isIP, isIPv4 } from 'node:net';

/**
 * Why an address or a name may lead to whoever connects to it, or to its machine; undefined: it does not. Names are looked at
 * as they are written: what they resolve to is seen only when they are.
 */
export function ownAddressProblem(host: string): string | undefined {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (isIP(name) === 6) return ofIPv6(name);
  const number = inetAton(name);
  if (number !== undefined) return ofIPv4(number);
  const last = name.slice(name.lastIndexOf('.') + 1);
  // RFC 6761 section 6.3, and what hosts files have besides.
  if (last === 'localhost' || name === 'localhost.localdomain' || /^ip6-(localhost|loopback)$/.test(name))
    return 'it is the loopback interface';
  return undefined;
}

/** What is never sent to another machine, or is one of the link alone (RFC 1122 3.2.1.3, RFC 3927, RFC 6890). */
function ofIPv4(address: number): string | undefined {
  const first = address >>> 24;
  if (first === 127) return 'it is in the loopback range';
  if (first === 0) return 'it is unspecified';
  if (address >>> 16 === 0xa9fe) return 'it is in the link-local range';
  if (first >= 224 && first < 240) return 'it is a multicast address';
  return address === 0xffffffff ? 'it is the broadcast address' : undefined;
}

/** RFC 4291 section 2.5; addresses that hold one of IPv4 are as that one is (RFC 4291 2.5.5, RFC 6052, RFC 3056). */
function ofIPv6(text: string): string | undefined {
  const words = wordsOf(text);
  const [first = 0] = words;
  const isZero = (from: number, to: number) => words.slice(from, to).every(word => word === 0);
  const ipv4At = (index: number) => ofIPv4(((words[index]! << 16) | words[index + 1]!) >>> 0);
  if (isZero(0, 8)) return 'it is unspecified';
  if (isZero(0, 7) && words[7] === 1) return 'it is in the loopback range';
  if ((first & 0xffc0) === 0xfe80) return 'it is in the link-local range';
  if (first >>> 8 === 0xff) return 'it is a multicast address';
  if (isZero(0, 5) && (words[5] === 0xffff || words[5] === 0)) return ipv4At(6);
  if (isZero(0, 4) && words[4] === 0xffff && words[5] === 0) return ipv4At(6);
  if (first === 0x64 && words[1] === 0xff9b) return ipv4At(6);
  return first === 0x2002 ? ipv4At(1) : undefined;
}

function wordsOf(text: string): number[] {
  const plain = text.replace(/%.*$/, '').replace(/(\d+\.\d+\.\d+\.\d+)$/, dotted => {
    const number = inetAton(dotted) ?? 0;
    return `${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const parse = (part: string) => (part === '' ? [] : part.split(':').map(word => Number.parseInt(word, 16)));
  const front = parse(head);
  if (tail === undefined) return front;
  const back = parse(tail);
  return [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back];
}

/** Resolvers take more than dotted decimals for an address of IPv4: `127.1`, `0x7f000001`, `0177.0.0.1` (inet_aton(3)). */
function inetAton(name: string): number | undefined {
  const parts = name.split('.');
  if (parts.length > 4 || !parts.every(part => /^(0x[0-9a-f]*|\d+)$/.test(part))) return undefined;
  const numbers = parts.map(part =>
    Number.parseInt(part.replace(/^0x/, '') || '0', part.startsWith('0x') ? 16 : /^0\d/.test(part) ? 8 : 10),
  );
  const last = numbers.pop()!;
  if (numbers.some(number => number > 255) || last >= 256 ** (4 - numbers.length)) return undefined;
  const value = numbers.reduce((sum, number, index) => sum + number * 256 ** (3 - index), last);
  return Number.isNaN(value) ? undefined : value >>> 0;
}

/** Is it an address, in any form that a resolver takes for one? */
export function isAddress(host: string): boolean {
  return isIPv4(host) || isIP(host) === 6 || inetAton(host.toLowerCase().replace(/\.$/, '')) !== undefined;
}

/**
 * One text for each address or name, to compare them by: that of IPv4 where one of IPv6 holds it (RFC 4291 section 2.5.5.2), eight words
 * of IPv6, names in small letters and without the last dot.
 */
export function canonicalAddress(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (isIP(name) === 6) {
    const words = wordsOf(name);
    const [high = 0, low = 0] = words.slice(6);
    if (words.slice(0, 5).every(word => word === 0) && words[5] === 0xffff)
      return dotted(high * 65_536 + low);
    return words.map(word => word.toString(16)).join(':');
  }
  const number = inetAton(name);
  return number === undefined ? name : dotted(number);
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map(shift => (number >>> shift) & 255).join('.');
}
