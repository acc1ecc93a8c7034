import { ENVOY_GATEWAY_GROUP, GATEWAY_GROUP } from '../translation-context.ts';

const OUR_DOMAINS = [GATEWAY_GROUP, ENVOY_GATEWAY_GROUP, 'breakwater.dev'];

/**
 * The TLS options that are addressed to us: they would make a connection stricter, and none is implemented. "Implementation-specific
 * definitions MUST use domain-prefixed names" (Gateway API, GatewayTLSConfig.options), so that a key of somebody else's domain is
 * for somebody else; one without a domain is for whoever reads it.
 */
export function optionsForUs(options: Readonly<Record<string, string>> = {}): string[] {
  return Object.keys(options).filter(key => {
    const slash = key.indexOf('/');
    const domain = key.slice(0, Math.max(0, slash));
    return slash === -1 || OUR_DOMAINS.some(own => domain === own || domain.endsWith(`.${own}`));
  });
}

export function optionsMessage(keys: readonly string[]): string {
  return `Cannot honour the TLS options ${keys.join(', ')}: not implemented by Breakwater.`;
}
