import type { Server } from '../../plan/index.ts';

/** Of ports that only root may bind. */
const PRIVILEGED = 1024;
const OFFSET = 10_000;

/** Where an Envoy in a Pod listens: it runs as nobody in particular. Without a Service that says where it leads, Envoy Gateway's rule. */
export function proxyPort({ port, bindPort }: Server): number {
  return bindPort ?? (port < PRIVILEGED ? port + OFFSET : port);
}
