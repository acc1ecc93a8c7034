/** Ports that only root may bind; Envoys run as nobody in particular. */
const PRIVILEGED = 1024;
const OFFSET = 10_000;
/** What an Envoy's Pod has for itself: its admin interface, metrics, readiness. */
const RESERVED: ReadonlySet<number> = new Set([19_000, 19_001, 19_003]);
const LAST = 65_535;

/**
 * Where a Gateway's Envoys listen for its ports: those below 1024 are moved by 10,000 (Envoy Gateway's rule), and past what is
 * taken by another port of the Gateway or by the Pod.
 */
export function proxyPorts(ports: readonly number[]): ReadonlyMap<number, number> {
  const sorted = [...new Set(ports)].sort((a, b) => a - b);
  const moves = (port: number) => port < PRIVILEGED || RESERVED.has(port);
  const taken = new Set([...RESERVED, ...sorted.filter(port => !moves(port))]);
  const found = new Map<number, number>();
  for (const port of sorted) {
    if (!moves(port)) {
      found.set(port, port);
      continue;
    }
    let at = port < PRIVILEGED ? port + OFFSET : port;
    while (taken.has(at)) at = at < LAST ? at + 1 : PRIVILEGED;
    taken.add(at);
    found.set(port, at);
  }
  return found;
}
