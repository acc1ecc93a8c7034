import {
  ByteBudget,
  FaultLog,
  type MetricsRegistry,
  monotonicMs,
  type Payer,
  REQUEST_FAULT,
  runFor,
  startIntervalFor,
  stopTimer,
  type Timer,
  toError,
} from '../../kernel/index.ts';
import { type ControlPlaneTls, serverTls } from '../../tls/index.ts';
import {
  type CallHandler,
  DEADLINE_EXCEEDED,
  FAILED_PRECONDITION,
  type GrpcCall,
  GrpcServer,
  NOT_FOUND,
  PERMISSION_DENIED,
  RESOURCE_EXHAUSTED,
  UNAUTHENTICATED,
} from '../../wire/index.ts';
import type { Node } from '../gen/envoy/config/core/v3/base_pb.ts';
import { AggregatedDiscoveryService } from '../gen/envoy/service/discovery/v3/ads_pb.ts';
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from '../gen/envoy/service/discovery/v3/discovery_pb.ts';
import { AUTHORIZATION, isBearer } from '../grpc/bearer.ts';
import { DELTA } from './delta.ts';
import { EventLog, type XdsEvent, type XdsEventKind } from './events.ts';
import { userAgent, versionProblem } from './node.ts';
import type { Snapshot } from './snapshot.ts';
import { SOTW } from './sotw.ts';
import type { Rejection } from './stream-core.ts';
import type { XdsType } from './types.ts';
import { DEFAULT_XDS_BOUNDS, type XdsBounds } from './xds-bounds.ts';
import type { StreamEvent } from './xds-dialect.ts';
import { GrpcXdsStream, type StreamForm, type StreamHooks, type XdsStream } from './xds-stream.ts';

export interface XdsServerOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Absent: plain text. */
  readonly tls?: ControlPlaneTls;
  /** What calls must have as their authorization: keys of listeners are told to who shows it. Absent: nothing. */
  readonly authorization?: string;
  readonly bounds?: Partial<XdsBounds>;
  /** Which snapshot an Envoy gets; absent: all have one, `''`. Undefined: it is none of ours and is refused. */
  readonly groupOf?: (node: Node) => string | undefined;
  /** Over TLS: why an Envoy with a certificate for these URIs may not be this node; undefined: it may. */
  readonly impostor?: (node: Node, uris: readonly string[]) => string | undefined;
  readonly onAck?: (node: Node, ack: Extract<StreamEvent, { kind: 'ack' }>) => void;
  /** The Envoy keeps what it had of the resources named. */
  readonly onNack?: (node: Node, nack: Extract<StreamEvent, { kind: 'nack' }>) => void;
  readonly onEvent?: (event: XdsEvent) => void;
}

export interface ConnectedEnvoy {
  /** Tells it from all others, and from itself after it has connected again. */
  readonly stream: object;
  readonly node: Node;
  /** `ADDRESS:PORT` */
  readonly peer: string;
  readonly group: string;
  readonly protocol: 'state-of-the-world' | 'delta';
  /** Versions by type that it has taken. */
  readonly acked: Readonly<Partial<Record<XdsType, string>>>;
  /** What it has refused of the present snapshot. */
  readonly rejections: readonly Rejection[];
  /** It has answered all of the present snapshot. */
  readonly settled: boolean;
  /** Some secrets of the snapshot it has not asked for yet. Default: none. */
  readonly awaitsSecrets?: boolean;
}

const SERVICE = `/${AggregatedDiscoveryService.typeName}`;

const SOTW_FORM: StreamForm<typeof DiscoveryRequestSchema, typeof DiscoveryResponseSchema> = {
  request: DiscoveryRequestSchema,
  response: DiscoveryResponseSchema,
  dialect: SOTW,
};
const DELTA_FORM: StreamForm<typeof DeltaDiscoveryRequestSchema, typeof DeltaDiscoveryResponseSchema> = {
  request: DeltaDiscoveryRequestSchema,
  response: DeltaDiscoveryResponseSchema,
  dialect: DELTA,
};

/** The control plane's end of xDS: tells many Envoys what to be, on one stream each, and hears what they take. */
export class XdsServer implements Payer {
  readonly #options: XdsServerOptions;
  readonly #bounds: XdsBounds;
  readonly #log: EventLog;
  readonly #streams = new Map<XdsStream, string | undefined>();
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #sweep: Timer;
  #server: GrpcServer | undefined;
  #closed = false;

  private constructor(options: XdsServerOptions) {
    this.#options = options;
    this.#bounds = { ...DEFAULT_XDS_BOUNDS, ...options.bounds };
    this.#log = new EventLog(event => options.onEvent?.(event));
    this.#sweep = startIntervalFor(this, 1000, () => this.#lookAfter(monotonicMs()));
  }

  static async start(options: XdsServerOptions): Promise<XdsServer> {
    const made = new XdsServer(options);
    try {
      await made.#listen();
      return made;
    } catch (error) {
      stopTimer(made.#sweep);
      throw error;
    }
  }

  async #listen(): Promise<void> {
    const { host, port, tls } = this.#options;
    const { maxConnections, firstRequestMs, maxRequestBytes, maxHeldRequestBytes } = this.#bounds;
    this.#server = await GrpcServer.start({
      listen: { address: host, port },
      tls: tls && serverTls(tls),
      methods: {
        [`${SERVICE}/StreamAggregatedResources`]: call =>
          this.#accept(new GrpcXdsStream(call, SOTW_FORM, this.#bounds, this.#hooks), call),
        [`${SERVICE}/DeltaAggregatedResources`]: call =>
          this.#accept(new GrpcXdsStream(call, DELTA_FORM, this.#bounds, this.#hooks), call),
      },
      maxMessageBytes: maxRequestBytes,
      buffers: ByteBudget.create(maxHeldRequestBytes),
      maxConnections,
      maxStreamsPerConnection: 100,
      handshakeTimeoutMs: firstRequestMs,
      firstCallMs: firstRequestMs,
      keepaliveMs: 30_000,
      keepaliveTimeoutMs: 10_000,
      faults: new FaultLog(line => this.#report('refused', 'unknown', undefined, line)),
      onBadInput: (peer, reason) => {
        if (!this.#closed) this.#report('refused', peer, undefined, reason);
      },
    });
  }

  get port(): number {
    return this.#server!.port;
  }

  /** For connections that come from now on. */
  setTls(tls: ControlPlaneTls): void {
    this.#server?.setTls(serverTls(tls));
  }

  /**
   * What the Envoys of a group are to be from now on. Without one they keep what they have.
   * @param but by {@link ConnectedEnvoy.stream}: what some of them are to be instead
   */
  setSnapshot(snapshot: Snapshot, group = '', but: ReadonlyMap<object, Snapshot> = new Map()): void {
    this.#snapshots.set(group, snapshot);
    for (const [stream, of] of this.#streams) if (of === group) stream.deliver(but.get(stream) ?? snapshot);
  }

  /** What Envoys have refused is sent again with the next snapshot: it may have been refused for what came with it. */
  forgetRejections(): void {
    for (const stream of this.#streams.keys()) stream.core.forgetRejections();
  }

  /** One Envoy alone is to be this; what it has refused of it is sent again. Others, and those that come, are as they were. */
  deliver(stream: object, snapshot: Snapshot): void {
    if (!this.#streams.has(stream as XdsStream)) return;
    (stream as XdsStream).core.forgetRejections();
    (stream as XdsStream).deliver(snapshot);
  }

  connected(): ConnectedEnvoy[] {
    const envoys: ConnectedEnvoy[] = [];
    for (const [stream, group] of this.#streams) {
      const { node, peer, protocol, core } = stream;
      if (node === undefined || group === undefined) continue;
      const [acked, rejections, settled] = [core.acked(), core.rejections(), core.settled()];
      const awaitsSecrets = core.awaitsSecrets();
      envoys.push({ stream, node, peer, group, protocol, acked, rejections, settled, awaitsSecrets });
    }
    return envoys;
  }

  /** How many events of each kind there have been. */
  counts(): Readonly<Record<XdsEventKind, number>> {
    return this.#log.counts;
  }

  addMetrics({ gauge, counter }: MetricsRegistry): void {
    gauge('breakwater_xds_envoys', 'Envoys that are connected.').set(this.connected().length);
    const events = counter(
      'breakwater_xds_events_total',
      'What Envoys did, or somebody who is none: see the log.',
      ['kind'],
    );
    for (const [kind, count] of Object.entries(this.counts())) events.inc({ kind }, count);
  }

  async close(): Promise<void> {
    this.#closed = true;
    stopTimer(this.#sweep);
    await this.#server?.close();
  }

  #accept(stream: XdsStream & CallHandler, call: GrpcCall): CallHandler {
    this.#streams.set(stream, undefined);
    const { authorization } = this.#options;
    const { maxStreams } = this.#bounds;
    if (authorization !== undefined && !isBearer(call.headers[AUTHORIZATION], authorization))
      stream.refuse(UNAUTHENTICATED, 'it does not show the token of this control plane');
    else if (this.#streams.size > maxStreams)
      stream.refuse(RESOURCE_EXHAUSTED, `there are ${maxStreams} streams already`);
    return stream;
  }

  readonly #hooks: StreamHooks = {
    admit: (stream, node) => {
      const problem = versionProblem(node);
      if (problem !== undefined) return { refused: problem, code: FAILED_PRECONDITION };
      const impostor = stream.uris && this.#options.impostor?.(node, stream.uris);
      if (impostor !== undefined) return { refused: impostor, code: PERMISSION_DENIED };
      const group = this.#options.groupOf === undefined ? '' : this.#options.groupOf(node);
      if (group === undefined)
        return {
          refused: `the node ${JSON.stringify(node.id)} belongs to no gateway of ours`,
          code: NOT_FOUND,
        };
      this.#streams.set(stream, group);
      this.#report('connected', stream.peer, node.id, `connected: ${userAgent(node)}, ${stream.protocol}`);
      return { snapshot: this.#snapshots.get(group) };
    },
    answered: (node, event) => {
      if (event.kind === 'ack') this.#options.onAck?.(node, event);
      else this.#options.onNack?.(node, event);
    },
    stale: ({ peer, node }, type) =>
      this.#report('stale', peer, node?.id, `answered an old response: ${type}`),
    unsupported: ({ peer, node }, url) =>
      this.#report(
        'unsupported',
        peer,
        node?.id,
        `asks for ${JSON.stringify(url.slice(0, 200))}, which is not served`,
      ),
    refused: ({ peer, node }, reason) => this.#report('refused', peer, node?.id, `stream ended: ${reason}`),
    closed: stream => {
      const group = this.#streams.get(stream);
      this.#streams.delete(stream);
      if (this.#closed) return;
      if (stream.node === undefined && !stream.wasRefused)
        this.#report('refused', stream.peer, undefined, 'stream ended: it ended without a request');
      if (group === undefined) return;
      this.#report('disconnected', stream.peer, stream.node?.id, 'disconnected');
    },
  };

  #lookAfter(nowMs: number): void {
    for (const stream of this.#streams.keys()) runFor(stream, () => this.#lookAt(stream, nowMs));
  }

  #lookAt(stream: XdsStream, nowMs: number): void {
    const { firstRequestMs, patienceMs } = this.#bounds;
    const { peer, node, core, sinceMs } = stream;
    if (node === undefined) {
      if (nowMs - sinceMs > firstRequestMs) stream.refuse(DEADLINE_EXCEEDED, 'it made no request');
      return;
    }
    const overdue = core.overdue(nowMs, patienceMs);
    if (overdue.length === 0) return;
    const message = `has not answered for ${patienceMs / 1000} s: ${overdue.join(', ')}`;
    this.#report('overdue', peer, node.id, message);
    stream.flush();
  }

  fault(thrown: unknown): void {
    this.#report('refused', 'unknown', undefined, `${toError(thrown).message} [${REQUEST_FAULT}]`);
  }

  #report(kind: XdsEventKind, peer: string, node: string | undefined, message: string): void {
    this.#log.report(kind, peer, node, message, monotonicMs());
  }
}
