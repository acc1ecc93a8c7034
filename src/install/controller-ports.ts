/** Ports of a controller's Pod. */
export const PORTS = {
  /** gRPC with mTLS: Envoys ask for their configuration. */
  xds: 18_000,
  /** gRPC with mTLS: Envoys ask which endpoint a request goes to. */
  picker: 9002,
  /** HTTP: /livez, /readyz, /metrics. */
  info: 8081,
} as const;

/** On the embedded plane, the ports of a Pod that the ports of Gateways lead to. */
export const LISTENER_PORTS = { first: 20_000, last: 32_767 } as const;
