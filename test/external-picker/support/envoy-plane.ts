import { EnvoyPlane } from '../../../src/envoy/envoy-plane.ts';
import type { EnvoyPlaneOptions } from '../../../src/envoy/envoy-plane-options.ts';
import { Ports } from '../../../src/proxy/plane/listening-ports.ts';
import { envoyPath } from '../../support/envoy.ts';

/** A real Envoy of one worker that gives up on external pickers after a second. */
export async function startEnvoyPlane(onEvent: EnvoyPlaneOptions['onEvent']): Promise<EnvoyPlane> {
  const ports = new Ports({ address: '127.0.0.1', portOffset: 0 });
  return EnvoyPlane.start({
    envoyPath: await envoyPath(),
    concurrency: 1,
    pickerBounds: { pickTimeoutMs: 1000 },
    findPorts: (servers, current) => ports.find(servers, current),
    onEvent,
    onLog: () => {},
  });
}
