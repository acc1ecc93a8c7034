/** Of ports that only root may bind. */
const PRIVILEGED = 1024;
const OFFSET = 10_000;

/** Where an Envoy in a Pod listens for a Gateway's port: it runs as nobody in particular. Envoy Gateway's rule. */
export function proxyPort(port: number): number {
  return port < PRIVILEGED ? port + OFFSET : port;
}
