import type { PlaneKind } from '../../plan/index.ts';

/**
 * What is claimed in GatewayClass.status.supportedFeatures (Gateway API, GEP-2162), and checked by its conformance suite; the
 * names are those of the suite. docs/reference/conformance.md says why others are not.
 */
const FEATURES = [
  'BackendTLSPolicy',
  'BackendTLSPolicySANValidation',
  'Gateway',
  'GatewayAddressEmpty',
  'GatewayBackendClientCertificate',
  'GatewayFrontendClientCertificateValidation',
  'GatewayFrontendClientCertificateValidationInsecureFallback',
  'GatewayHTTPListenerIsolation',
  'GatewayInfrastructure',
  'GatewayPort8080',
  'GatewayStaticAddresses',
  'HTTPRoute',
  'HTTPRoute303RedirectStatusCode',
  'HTTPRoute307RedirectStatusCode',
  'HTTPRoute308RedirectStatusCode',
  'HTTPRouteBackendProtocolWebSocket',
  'HTTPRouteBackendRequestHeaderModification',
  'HTTPRouteBackendTimeout',
  'HTTPRouteCORS',
  'HTTPRouteDestinationPortMatching',
  'HTTPRouteHostRewrite',
  'HTTPRouteMethodMatching',
  'HTTPRouteNamedRouteRule',
  'HTTPRouteParentRefPort',
  'HTTPRoutePathRedirect',
  'HTTPRoutePathRewrite',
  'HTTPRoutePortRedirect',
  'HTTPRouteQueryParamMatching',
  'HTTPRouteRequestMirror',
  'HTTPRouteRequestMultipleMirrors',
  'HTTPRouteRequestPercentageMirror',
  'HTTPRouteRequestTimeout',
  'HTTPRouteResponseHeaderModification',
  'HTTPRouteRetry',
  'HTTPRouteRetryBackendTimeout',
  'HTTPRouteRetryConnectionError',
  'HTTPRouteSchemeRedirect',
  'ListenerSet',
  'ReferenceGrant',
] as const;

/** What needs HTTP/2, which the embedded plane does not speak. */
const WITH_HTTP2 = ['GatewayHTTPSListenerDetectMisdirectedRequests', 'HTTPRouteBackendProtocolH2C'] as const;

type Feature = (typeof FEATURES)[number] | (typeof WITH_HTTP2)[number];

/** Of one plane only. */
const MORE: Readonly<Record<PlaneKind, readonly Feature[]>> = {
  embedded: [],
  envoy: WITH_HTTP2,
};

/** In ascending order by name, as the API asks. */
export function supportedFeatures(plane: PlaneKind): Feature[] {
  return [...FEATURES, ...MORE[plane]].sort();
}
