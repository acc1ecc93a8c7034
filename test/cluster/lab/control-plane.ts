import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ApiServer, loadApiServer } from '../../../src/cluster/api-server/index.ts';
import { freePort } from '../../support/free-port.ts';
import { until } from '../../support/until.ts';
import { AuditLog } from './audit.ts';
import type { Program } from './binaries.ts';
import { makeCertificate } from './certificates.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import type { Range } from './pods/range.ts';
import { RunningProgram } from './program.ts';

const CONTROLLERS = [
  'deployment',
  'replicaset',
  'daemonset',
  'endpointslice',
  'endpoints',
  'namespace',
  'serviceaccount',
  'garbage-collector',
  'pod-garbage-collector',
  'disruption',
  'job',
  'statefulset',
  'root-ca-certificate-publisher',
].map(name => `${name}-controller`);

export interface ControlPlaneOptions {
  /** Of kube-controller-manager. */
  readonly withControllers: boolean;
  /** ClusterIPs; the first of them is the API server's. */
  readonly services: Range;
  /** User whose requests are written down. */
  readonly auditedUser?: string;
}

/** etcd, kube-apiserver and kube-controller-manager, on the loopback address, with a state of their own. */
export class ControlPlane {
  readonly kubeconfig: string;
  readonly audit: AuditLog;
  readonly #folder: string;
  readonly #programs: Readonly<Record<Program, string>>;
  readonly #etcdPort: number;
  readonly #peerPort: number;
  readonly #port: number;
  readonly #options: ControlPlaneOptions;
  #etcd: RunningProgram | undefined;
  #apiServer: RunningProgram | undefined;
  #controllers: RunningProgram | undefined;
  #server: ApiServer | undefined;

  private constructor(
    folder: string,
    programs: Readonly<Record<Program, string>>,
    ports: readonly [number, number, number],
    options: ControlPlaneOptions,
  ) {
    this.#options = options;
    this.#folder = folder;
    this.#programs = programs;
    [this.#etcdPort, this.#peerPort, this.#port] = ports;
    this.kubeconfig = join(folder, 'kubeconfig');
    this.audit = new AuditLog(folder);
  }

  /** Of `system:masters`. */
  get server(): ApiServer {
    return this.#server!;
  }

  get port(): number {
    return this.#port;
  }

  static async start(
    folder: string,
    programs: Readonly<Record<Program, string>>,
    options: ControlPlaneOptions,
  ): Promise<ControlPlane> {
    const ports = [await freePort(), await freePort(), await freePort()] as const;
    const plane = new ControlPlane(folder, programs, ports, options);
    try {
      await plane.#writeFiles();
      if (options.auditedUser !== undefined) await plane.audit.writePolicy(options.auditedUser);
      plane.#etcd = plane.#run('etcd', plane.#etcdFlags());
      await plane.startApiServer();
      if (options.withControllers)
        plane.#controllers = plane.#run('kube-controller-manager', plane.#controllerFlags());
      return plane;
    } catch (error) {
      await plane.stop();
      throw error;
    }
  }

  async startApiServer(): Promise<void> {
    const running = this.#run('kube-apiserver', this.#apiServerFlags());
    this.#apiServer = running;
    await until(
      'the API server is ready',
      async () => {
        await running.assertRuns();
        await this.#etcd?.assertRuns();
        try {
          this.#server ??= await loadApiServer({ kubeconfig: this.kubeconfig });
          const { status } = await this.#server.request('GET', '/readyz', { timeoutMs: 2000 });
          return status === 200 ? true : undefined;
        } catch {
          return undefined;
        }
      },
      180_000,
    );
  }

  /** All connections are cut at once. */
  async killApiServer(): Promise<void> {
    await this.#apiServer?.kill();
  }

  /** etcd forgets what was before now (etcd's Compact by its JSON gateway). The API server's caches do not: start it anew for that. */
  async compact(): Promise<void> {
    const { header } = (await this.#askEtcd('/v3/kv/range', { key: 'Zm9v' })) as {
      header: { revision: string };
    };
    await this.#askEtcd('/v3/kv/compaction', { revision: header.revision, physical: true });
  }

  async stop(): Promise<void> {
    this.#server?.close();
    await this.#controllers?.kill();
    await this.#apiServer?.kill();
    await this.#etcd?.kill();
  }

  async #askEtcd(path: string, body: object): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.#etcdPort}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`etcd ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  #run(program: Program, flags: readonly string[]): RunningProgram {
    const log = join(this.#folder, `${program}.log`);
    return new RunningProgram(program, [this.#programs[program], ...flags], log);
  }

  async #writeFiles(): Promise<void> {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    await makeCertificate(this.#certificateKey, this.#certificate, [
      '127.0.0.1',
      this.#options.services.at(1),
    ]);
    const token = randomBytes(16).toString('hex');
    await writeFile(join(this.#folder, 'service-account.key'), privateKey);
    await writeFile(join(this.#folder, 'service-account.pub'), publicKey);
    await writeFile(join(this.#folder, 'tokens.csv'), `${token},admin,1,"system:masters"\n`, { mode: 0o600 });
    await writeKubeconfig(this.kubeconfig, { port: this.#port, token, certificate: this.#certificate });
  }

  /** PEM files of what the API server shows, and its key. */
  get certificate() {
    return { certificate: this.#certificate, key: this.#certificateKey };
  }

  /** Is its own authority. */
  get #certificate(): string {
    return join(this.#folder, 'apiserver.crt');
  }

  get #certificateKey(): string {
    return join(this.#folder, 'apiserver.key');
  }

  /** Writes a kubeconfig for somebody else. */
  async kubeconfigFor(name: string, token: string): Promise<string> {
    const path = join(this.#folder, `kubeconfig-${name}`);
    await writeKubeconfig(path, { port: this.#port, token, certificate: this.#certificate });
    return path;
  }

  #etcdFlags(): string[] {
    const client = `http://127.0.0.1:${this.#etcdPort}`;
    const peer = `http://127.0.0.1:${this.#peerPort}`;
    return [
      `--data-dir=${join(this.#folder, 'etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      // Nothing here has to outlive the machine.
      '--unsafe-no-fsync',
      '--log-level=warn',
    ];
  }

  #apiServerFlags(): string[] {
    return [
      `--etcd-servers=http://127.0.0.1:${this.#etcdPort}`,
      `--tls-cert-file=${this.#certificate}`,
      `--tls-private-key-file=${this.#certificateKey}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${this.#port}`,
      `--service-cluster-ip-range=${this.#options.services.cidr}`,
      '--authorization-mode=RBAC',
      `--token-auth-file=${join(this.#folder, 'tokens.csv')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${join(this.#folder, 'service-account.pub')}`,
      `--service-account-signing-key-file=${join(this.#folder, 'service-account.key')}`,
      // Pods would need a service account, which a controller makes.
      ...(this.#options.withControllers ? [] : ['--disable-admission-plugins=ServiceAccount']),
      ...(this.#options.auditedUser === undefined ? [] : this.audit.flags),
      '--allow-privileged=true',
      // Its own endpoints would need an address that is not loopback.
      '--endpoint-reconciler-type=none',
      // Names of Nodes resolve nowhere.
      '--kubelet-preferred-address-types=InternalIP',
    ];
  }

  #controllerFlags(): string[] {
    return [
      `--kubeconfig=${this.kubeconfig}`,
      `--root-ca-file=${this.#certificate}`,
      `--controllers=${CONTROLLERS.join(',')}`,
      '--leader-elect=false',
      '--secure-port=0',
      '--kube-api-qps=200',
      '--kube-api-burst=400',
    ];
  }
}
