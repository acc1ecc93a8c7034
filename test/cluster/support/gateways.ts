import { type IncomingMessage, request } from 'node:http';
import { packageVersion } from '../../../src/cli/package-version.ts';
import { defaultInstallOptions, installObjects } from '../../../src/install/index.ts';
import type { PlaneKind } from '../../../src/plan/index.ts';
import { until } from '../../support/until.ts';
import { Lab, labImages } from '../lab/index.ts';

const PATIENCE_MS = 120_000;
const GATEWAY_API = 'gateway.networking.k8s.io/v1';
const OWNED = {
  Service: '/api/v1/namespaces/NS/services',
  EndpointSlice: '/apis/discovery.k8s.io/v1/namespaces/NS/endpointslices',
};

interface Owned {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
  };
  readonly spec: { readonly ports: readonly { readonly targetPort: number; readonly nodePort?: number }[] };
  readonly endpoints?: readonly { readonly targetRef?: { readonly name: string } }[];
}

interface GatewayStatus {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  readonly addresses?: readonly { readonly value: string }[];
}

/** A lab with Breakwater as a user installs it, and a backend in `default`. */
export async function installedLab(
  plane: PlaneKind,
  replicas: number,
): Promise<{ readonly lab: Lab; readonly bench: GatewayBench }> {
  const lab = await Lab.start({ images: labImages });
  const bench = new GatewayBench(lab);
  const options = defaultInstallOptions(packageVersion());
  await lab.objects.apply(installObjects({ ...options, plane, replicas, gatewayClass: 'breakwater' }));
  await bench.backend('default');
  return { lab, bench };
}

/** Gateways of the class `breakwater` with a route each, as tests use them: `NAME.example` leads to a backend that answers. */
export class GatewayBench {
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** What routes lead to. */
  async backend(namespace: string): Promise<void> {
    const labels = { app: 'backend' };
    const program = "require('http').createServer((_, a) => a.end('backend')).listen(3000)";
    const container = {
      name: 'c',
      image: 'node',
      command: [process.execPath, '-e', program],
      readinessProbe: { tcpSocket: { port: 3000 } },
    };
    await this.#lab.objects.apply([
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'backend', namespace },
        spec: {
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [container] } },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'backend', namespace },
        spec: { selector: labels, ports: [{ port: 3000 }] },
      },
    ]);
  }

  object(namespace: string, name: string, spec: object = {}): object {
    return {
      apiVersion: GATEWAY_API,
      kind: 'Gateway',
      metadata: { name, namespace },
      spec: {
        gatewayClassName: 'breakwater',
        listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
        ...spec,
      },
    };
  }

  async gateway(namespace: string, name: string, spec: object = {}): Promise<void> {
    await this.#lab.objects.apply([
      this.object(namespace, name, spec),
      this.route(namespace, name, name, `${name}.example`),
    ]);
  }

  /** To the backend. */
  route(namespace: string, name: string, gateway: string, hostname: string): object {
    return route(namespace, name, gateway, hostname, [{ backendRefs: [{ name: 'backend', port: 3000 }] }]);
  }

  redirect(namespace: string, gateway: string, hostname: string): object {
    const rules = [
      { filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'other.example' } }] },
    ];
    return route(namespace, `${gateway}-redirect`, gateway, hostname, rules);
  }

  /** Its address, once it is programmed. */
  async programmed(namespace: string, name: string): Promise<string> {
    const path = `/apis/${GATEWAY_API}/namespaces/${namespace}/gateways/${name}`;
    const read = async () => ((await this.#lab.objects.ask('GET', path)) as { status: GatewayStatus }).status;
    const said = async () => {
      const { conditions = [], addresses = [] } = await read();
      const met = conditions.some(({ type, status }) => type === 'Programmed' && status === 'True');
      return met ? addresses[0]?.value : undefined;
    };
    return await until(`${name} is programmed`, said, PATIENCE_MS).catch(async error => {
      throw new Error(
        `${error.message}: ${JSON.stringify(await read())}\n${await controllerLogs(this.#lab)}`,
      );
    });
  }

  /** Once it does. */
  async answers(address: string, host: string, port = 80): Promise<void> {
    await until(
      `${host} answers on ${address}`,
      async () => (await this.status(address, host, port)) === 200,
      PATIENCE_MS,
    );
  }

  async status(address: string, host: string, port = 80): Promise<number | undefined> {
    return (await this.ask(address, host, port))?.statusCode;
  }

  /** Undefined when nobody answers. */
  ask(address: string, host: string, port = 80): Promise<IncomingMessage | undefined> {
    return new Promise(resolve => {
      const sent = request({ host: address, port, agent: false, headers: { host } }, response => {
        response.resume();
        resolve(response);
      });
      sent.setTimeout(5_000, () => sent.destroy());
      sent.on('error', () => resolve(undefined));
      sent.end();
    });
  }

  /** The objects of Gateways. */
  async owned(namespace: string, kind: string): Promise<readonly Owned[]> {
    const path = OWNED[kind as keyof typeof OWNED].replace('NS', namespace);
    const selector = encodeURIComponent('app.kubernetes.io/managed-by=breakwater');
    const list = (await this.#lab.objects.ask('GET', `${path}?labelSelector=${selector}`)) as {
      items: Owned[];
    };
    return list.items;
  }

  /** Of all of them, by kind and name. */
  async versions(namespace: string): Promise<Map<string, string>> {
    const versions = new Map<string, string>();
    for (const kind of Object.keys(OWNED))
      for (const { metadata } of await this.owned(namespace, kind))
        versions.set(`${kind} ${metadata.name}`, metadata.resourceVersion);
    return versions;
  }

  /** Where the Service of a Gateway leads. */
  async endpoint(namespace: string, gateway: string): Promise<{ pod: string | undefined }> {
    const slices = await this.owned(namespace, 'EndpointSlice');
    const slice = slices.find(({ metadata }) => metadata.name.includes(`-${gateway}-`));
    return { pod: slice?.endpoints?.[0]?.targetRef?.name };
  }
}

function route(namespace: string, name: string, gateway: string, hostname: string, rules: object[]): object {
  return {
    apiVersion: GATEWAY_API,
    kind: 'HTTPRoute',
    metadata: { name, namespace },
    spec: { parentRefs: [{ name: gateway }], hostnames: [hostname], rules },
  };
}

/** Stops it, if it is there. With LAB_LOGS in the environment what the controller has logged is printed first. */
export async function stopInstalled(lab: Lab | undefined): Promise<void> {
  if (lab !== undefined && process.env['LAB_LOGS'] !== undefined)
    process.stderr.write(await controllerLogs(lab));
  await lab?.stop();
}

/** Of all Pods of the installation. */
export async function controllerLogs(lab: Lab): Promise<string> {
  const path = '/api/v1/namespaces/breakwater-system/pods';
  const { items } = (await lab.objects.ask('GET', path)) as { items: { metadata: { name: string } }[] };
  const logs = await Promise.all(
    items.map(async ({ metadata }) => {
      const log = await lab.logs('breakwater-system', metadata.name).catch(String);
      return `== ${metadata.name}\n${log.slice(-4000)}`;
    }),
  );
  return logs.join('\n');
}
