import type { BootstrapOptions } from '../../../src/envoy/envoy-bootstrap.ts';
import { bootstrapJson } from '../../../src/envoy/envoy-bootstrap.ts';
import type { Up, Workplace } from '../../e2e/cli-process.ts';
import { EnvoyProcess } from '../../support/envoy-process.ts';
import { freePort } from '../../support/free-port.ts';
import type { Lab } from '../lab/index.ts';
import { GATEWAY_OBJECTS } from './statuses.ts';

/**
 * A controller on the Envoy plane outside of a cluster, and an Envoy that a test starts itself for the Gateway `default/gateway`,
 * which redirects everything: that takes no backend.
 */
export class EnvoyByHand {
  readonly #lab: Lab;
  /** Of the Gateway's listener. */
  readonly port: number;
  readonly controller: Up;
  readonly #xdsPort: number;

  private constructor(lab: Lab, port: number, controller: Up, xdsPort: number) {
    this.#lab = lab;
    this.port = port;
    this.controller = controller;
    this.#xdsPort = xdsPort;
  }

  static async start(lab: Lab, place: Workplace): Promise<EnvoyByHand> {
    const [port, xdsPort] = [await freePort(), await freePort()];
    await lab.objects.apply([...gatewayOn(port), redirectTo('example.com')]);
    const { output } = place.start([
      ...['controller', '--plane', 'envoy', '--kubeconfig', lab.kubeconfig, '--lease-namespace', 'default'],
      ...['--info-address', '127.0.0.1', '--info-port', '0', '--admin-address', '127.0.0.1:0'],
      ...['--xds-port', String(xdsPort), '--picker-port', '0'],
    ]);
    return new EnvoyByHand(lab, port, output, xdsPort);
  }

  /** Resolves when it listens. */
  async envoy(transportSocket?: BootstrapOptions['transportSocket']): Promise<EnvoyProcess> {
    const envoy = await EnvoyProcess.start(
      bootstrapJson({
        nodeId: 'by-hand',
        nodeCluster: 'default/gateway',
        xds: { host: '127.0.0.1', port: this.#xdsPort },
        admin: { host: '127.0.0.1', port: 0 },
        ...(transportSocket && { transportSocket }),
      }),
    );
    await envoy.port('default/gateway/http');
    return envoy;
  }

  /** Whether the Gateway answers as its route says at first. */
  async redirects(): Promise<boolean> {
    return (await this.location()) === `http://example.com:${this.port}/x`;
  }

  /** Where the Gateway sends its clients. */
  async location(): Promise<string | undefined> {
    const asked = fetch(`http://127.0.0.1:${this.port}/x`, { redirect: 'manual' });
    const response = await asked.catch(() => undefined);
    return response?.headers.get('location') ?? undefined;
  }

  /** Changes its route. */
  async redirectTo(hostname: string): Promise<void> {
    await this.#lab.objects.apply([redirectTo(hostname)]);
  }
}

function gatewayOn(port: number): object[] {
  const [gatewayClass, gateway] = GATEWAY_OBJECTS;
  const listeners = [{ name: 'http', protocol: 'HTTP', port }];
  return [gatewayClass!, { ...gateway, spec: { gatewayClassName: 'ours', listeners } }];
}

function redirectTo(hostname: string): object {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'gateway', namespace: 'default' },
    spec: {
      parentRefs: [{ name: 'gateway' }],
      rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { hostname } }] }],
    },
  };
}
