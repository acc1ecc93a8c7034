/**
 * Labels of the objects that a Gateway is made of, as Envoy Gateway calls them: what finds its proxies by these (its
 * documentation, dashboards, scripts) finds ours.
 */
export const OWNING_GATEWAY_NAME = 'gateway.envoyproxy.io/owning-gateway-name';
export const OWNING_GATEWAY_NAMESPACE = 'gateway.envoyproxy.io/owning-gateway-namespace';
/** GEP-1762 */
export const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';
/** Kubernetes' recommended labels. */
export const MANAGED_BY = 'app.kubernetes.io/managed-by';
/** The value of {@link MANAGED_BY}, and the field manager of what is written: one for all replicas and releases. */
export const BREAKWATER = 'breakwater';
