const SUFFIX: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A Kubernetes resource.Quantity of bytes (`10Mi`, `500k`, `1024`, 1024) as a number; undefined if it is none. */
export function quantityBytes(quantity: string | number): number | undefined {
  if (typeof quantity === 'number') return Number.isInteger(quantity) ? quantity : undefined;
  const match = /^([0-9]+(?:\.[0-9]+)?)([kMGTPE]|[KMGTPE]i)?$/.exec(quantity);
  if (match === null) return undefined;
  const bytes = Number(match[1]) * SUFFIX[match[2] ?? '']!;
  return Number.isInteger(bytes) ? bytes : undefined;
}
