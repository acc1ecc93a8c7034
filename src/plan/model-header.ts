import type { Listener } from './listener.ts';

/**
 * Headers of a request that say which model its body asks for, set by whoever reads bodies before routes are chosen: the Inference
 * Extension's body-based router (pkg/bbr, X-Gateway-Model-Name) and Envoy AI Gateway (x-ai-eg-model). In lower case.
 */
const MODEL_HEADERS: ReadonlySet<string> = new Set(['x-gateway-model-name', 'x-ai-eg-model']);

/** @param name in lower case */
export function isModelHeader(name: string): boolean {
  return MODEL_HEADERS.has(name);
}

/** Those of them that routes of these listeners match on, in order; none: no body is read for its model's sake. */
export function modelHeadersOf(listeners: readonly Listener[]): readonly string[] {
  const asked = new Set<string>();
  for (const { virtualHosts } of listeners)
    for (const { routes } of virtualHosts)
      for (const { match } of routes)
        for (const { name } of match.headers) if (isModelHeader(name)) asked.add(name);
  return asked.size === 0 ? NONE : [...asked].sort();
}

const NONE: readonly string[] = [];
