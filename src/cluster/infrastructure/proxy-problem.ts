import type { Gateway, GatewayClass, ResourceSet } from '../../api/index.ts';
import type { PlaneKind } from '../../plan/index.ts';
import { envoyObjects } from './envoy.ts';
import { gatewayService } from './gateway-service-object.ts';
import { kubernetesOf, proxySpecOf } from './proxy-spec.ts';

/** Stands for any: only what an EnvoyProxy says is looked at. */
const BOOTSTRAP = { xdsHost: 'breakwater', xdsPort: 18_000 };

/** Why a Gateway cannot be made as its EnvoyProxy says; undefined: it can. */
export function proxyProblem(
  plane: PlaneKind,
  set: ResourceSet,
  gateway: Gateway,
  gatewayClass: GatewayClass,
): string | undefined {
  const spec = proxySpecOf(set, gateway, gatewayClass);
  // A lowest version, ciphers, a certificate to show: backends must not be spoken to with less than was asked for.
  if (Object.keys(spec.backendTLS ?? {}).length > 0)
    return 'backendTLS restricts how backends are spoken to, and is not implemented by Breakwater';
  try {
    if (plane === 'envoy') envoyObjects(gateway, '', spec, [], BOOTSTRAP);
    else gatewayService(gateway, '', kubernetesOf(spec).envoyService ?? {}, spec.ipFamily, [], undefined);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
