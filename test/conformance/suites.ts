import { join } from 'node:path';
import type { CrdGroup } from '../cluster/lab/index.ts';

export const PLANES = ['embedded', 'envoy'] as const;
export type Plane = (typeof PLANES)[number];

/** An official conformance suite, and what it is run with. */
export interface Suite {
  /** Go module with a test that runs it. */
  readonly folder: string;
  /** The Go test. */
  readonly test: string;
  /** CRDs of the cluster. */
  readonly crds: readonly CrdGroup[];
  readonly flags: readonly string[];
  /** Flags that depend on the lab. @param address gives a free address for a Service of type LoadBalancer */
  readonly addresses: (address: string) => readonly string[];
  /** Tests that are not run; docs/reference/conformance.md says why. */
  readonly skipped: Readonly<Record<Plane, readonly string[]>>;
}

const module = (name: string) => join(import.meta.dirname, 'go', name);

/** A Service cannot be given a host name. */
const UNUSABLE_ADDRESS = 'unusable.example.com';

export const SUITES = {
  /** sigs.k8s.io/gateway-api/conformance: the features are those that the GatewayClass claims. */
  gateway: {
    folder: module('gateway'),
    test: 'TestGatewayAPI',
    crds: ['gateway-api-experimental', 'inference', 'inference-v1alpha2', 'envoy-gateway'],
    flags: ['-conformance-profiles=GATEWAY-HTTP'],
    addresses: address => [`-usable-address=${address}`, `-unusable-address=${UNUSABLE_ADDRESS}`],
    skipped: { embedded: [], envoy: [] },
  },
  /** sigs.k8s.io/gateway-api-inference-extension/conformance */
  inference: {
    folder: module('inference'),
    test: 'TestInferenceExtension',
    // It refuses CRDs of other releases.
    crds: ['gateway-api-v1.4', 'inference-v1.0', 'envoy-gateway'],
    flags: [],
    addresses: () => [],
    skipped: { embedded: [], envoy: [] },
  },
} as const satisfies Readonly<Record<string, Suite>>;

export type SuiteName = keyof typeof SUITES;
export const SUITE_NAMES = Object.keys(SUITES) as readonly SuiteName[];
