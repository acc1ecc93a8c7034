/** PEM. */
export interface Certificate {
  readonly certChainPem: string;
  readonly privateKeyPem: string;
}

/** How clients of HTTPS listeners are known (Gateway API, FrontendTLSValidation). */
export interface ClientValidation {
  /** Trusted; one or more certificates. */
  readonly caPem: string;
  /** A certificate must be shown, and be valid. False: it is asked for, and any or none will do. */
  readonly required: boolean;
}

/** How backends are spoken to over TLS, and known (Gateway API, BackendTLSPolicy). */
export interface BackendTls {
  /** The server name of the handshake, and the name that the certificate must be for unless {@link subjectAltNames} are given. */
  readonly serverName: string;
  /** Trusted; absent: what the machine trusts. */
  readonly caPem?: string;
  /** The certificate must have at least one of these; empty: {@link serverName}. */
  readonly subjectAltNames: readonly { readonly type: 'DNS' | 'URI'; readonly value: string }[];
  /** Shown to backends that ask for one (GatewayBackendTLS.clientCertificateRef). */
  readonly clientCertificate?: Certificate;
}
