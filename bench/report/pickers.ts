import { figure } from './figures.ts';
import type { Section } from './section.ts';

/** CPU µs a request of HAProxy in the table the peers' figures are from: the middle of 16.4-17.1. */
const HAPROXY_US = 16.75;

interface Peer {
  readonly name: string;
  /** All its processes together. */
  readonly cpuUs: readonly [lowest: number, highest: number];
}

/**
 * Gateways that pick an endpoint, measured once on a machine of this kind with the same body, answer, upstream and load. They are not
 * part of Debian, so the bench does not run them: what compares is their ratio to the HAProxy of their table.
 */
const PEERS: readonly Peer[] = [
  { name: 'vllm-router 0.1.17 (Rust), round robin', cpuUs: [69, 69] },
  { name: 'sglang-router 0.3.2 (Rust), round robin', cpuUs: [102, 102] },
  { name: 'sglang-router 0.3.2 (Rust), cache_aware', cpuUs: [122, 122] },
  { name: 'Envoy 1.40 + a trivial Go picker (ext_proc)', cpuUs: [180, 194] },
  { name: 'Portkey 1.15 (TypeScript), on another such machine', cpuUs: [460, 510] },
  { name: 'Envoy 1.40 + the reference Go picker (Inference Extension 1.0.2)', cpuUs: [474, 490] },
];

/** How many times the CPU of Breakwater each peer takes, both as multiples of the HAProxy they were measured with. */
export function comparedWithPickers(breakwaterUs: number, breakwaterRatio: number): Section {
  return {
    title: 'Chat POST: gateways that pick, measured before on a machine of this kind',
    columns: ['gateway', 'CPU µs a request', '× its HAProxy', '× Breakwater'],
    rows: [
      ['Breakwater (this run)', figure(breakwaterUs), `${breakwaterRatio.toFixed(1)}×`, '1'],
      ...PEERS.map(({ name, cpuUs: [lowest, highest] }) => {
        const ratio = (lowest + highest) / 2 / HAPROXY_US;
        return [
          name,
          lowest === highest ? String(lowest) : `${lowest}-${highest}`,
          `${ratio.toFixed(1)}×`,
          `${(ratio / breakwaterRatio).toFixed(1)}×`,
        ];
      }),
    ],
    notes: [],
    failures: [],
  };
}
