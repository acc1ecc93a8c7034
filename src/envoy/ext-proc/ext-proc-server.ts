import { X509Certificate } from 'node:crypto';
import {
  ByteBudget,
  type MetricsRegistry,
  startInterval,
  startTimer,
  stopTimer,
} from '../../kernel/index.ts';
import { type ServerCertificate, serverTls } from '../../tls/index.ts';
import { GrpcServer } from '../../wire/index.ts';
import { AccessLogService } from '../access-log/access-log-service.ts';
import type { AccessLogEntry } from '../access-log/entry.ts';
import { AccessLogService as AccessLog } from '../gen/envoy/service/accesslog/v3/als_pb.ts';
import { ExternalProcessor } from '../gen/envoy/service/ext_proc/v3/external_processor_pb.ts';
import { Health } from '../gen/grpc/health/v1/health_pb.ts';
import { ServerReflection } from '../gen/grpc/reflection/v1/reflection_pb.ts';
import { HealthService } from '../grpc/grpc-health.ts';
import { reflectionMethods } from '../grpc/reflection.ts';
import { BadInputLog } from './bad-input-log.ts';
import type { ProcessOptions } from './ext-proc-service.ts';
import { PROCESS_PATH, processMethod } from './ext-proc-service.ts';

export interface ExtProcServerOptions extends Pick<ProcessOptions, 'context' | 'targetOf' | 'mayAsk'> {
  readonly address: string;
  /** 0: a free one. */
  readonly port: number;
  /** A socket in the file system, in the place of address and port: only who may open it calls. */
  readonly path?: string;
  /** Undefined: plain text. */
  readonly tls: ServerCertificate | undefined;
  /** Also on a port of its own, in plain text; 0: a free one. Probes of Kubernetes speak no TLS. */
  readonly healthPort?: number;
  /** Envoy's access log comes here too. */
  readonly reported: (entry: AccessLogEntry) => void;
  readonly onEvent: (message: string, severity: 'warning') => void;
}

/** A ProcessingRequest has a body and its headers: Envoy's max_request_headers_kb is 60, metadata comes on top. */
const HEAD_BYTES = 1024 * 1024;
const DRAIN_POLL_MS = 50;

/** The endpoint picker as a server: ext_proc, health and reflection. */
export class ExtProcServer {
  readonly #server: GrpcServer;
  readonly #healthServer: GrpcServer | undefined;
  readonly #health: HealthService;
  readonly #accessLog: AccessLogService;
  readonly #badInput: BadInputLog;
  /** Undefined: everybody may ask. */
  readonly #trespasses: { readonly count: number } | undefined;
  #ready = true;
  #certificate: ServerCertificate | undefined;

  private constructor(parts: {
    server: GrpcServer;
    healthServer: GrpcServer | undefined;
    health: HealthService;
    accessLog: AccessLogService;
    badInput: BadInputLog;
    trespasses: { readonly count: number } | undefined;
    certificate: ServerCertificate | undefined;
  }) {
    this.#server = parts.server;
    this.#healthServer = parts.healthServer;
    this.#health = parts.health;
    this.#accessLog = parts.accessLog;
    this.#badInput = parts.badInput;
    this.#trespasses = parts.trespasses;
    this.#certificate = parts.certificate;
  }

  /** @throws the error of listen(2) */
  static async start(options: ExtProcServerOptions): Promise<ExtProcServer> {
    const { context, targetOf, mayAsk, address, port, path, healthPort, onEvent } = options;
    const { bounds } = context;
    const badInput = new BadInputLog(message => onEvent(message, 'warning'));
    const onBadInput = (peer: string, reason: string) => badInput.add(peer, reason);
    const trespasses = { count: 0 };
    let self: ExtProcServer | undefined;
    const health = new HealthService(service => self?.healthOf(service));
    const accessLog = new AccessLogService({
      take: options.reported,
      onBadInput,
      faults: context.faults,
    });
    const common = { ...bounds, onBadInput, faults: context.faults };
    const server = await GrpcServer.start({
      ...common,
      listen: path === undefined ? { address, port } : { path },
      tls: options.tls && serverTls(options.tls),
      maxMessageBytes: bounds.maxBodyBytes + HEAD_BYTES,
      buffers: context.bodies,
      methods: {
        [PROCESS_PATH]: processMethod({
          context,
          targetOf,
          ...(mayAsk && { mayAsk }),
          onTrespass: () => trespasses.count++,
          onBadInput,
        }),
        ...accessLog.methods,
        ...health.methods,
        ...reflectionMethods([ExternalProcessor, AccessLog, Health, ServerReflection]),
      },
    });
    try {
      const healthServer =
        healthPort === undefined
          ? undefined
          : await GrpcServer.start({
              ...common,
              listen: { address, port: healthPort },
              tls: undefined,
              maxMessageBytes: HEAD_BYTES,
              buffers: ByteBudget.create(HEAD_BYTES),
              methods: { ...health.methods, ...reflectionMethods([Health, ServerReflection]) },
            });
      self = new ExtProcServer({
        server,
        healthServer,
        health,
        accessLog,
        badInput,
        trespasses: mayAsk && trespasses,
        certificate: options.tls,
      });
      return self;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  get port(): number {
    return this.#server.port;
  }

  get healthPort(): number | undefined {
    return this.#healthServer?.port;
  }

  /** Streams that are open: requests in flight behind it. */
  get streams(): number {
    return this.#server.calls - this.#accessLog.streams;
  }

  /** 004-endpoint-picker-protocol, "Health Check Services"; '' is asked for by those that name none. */
  healthOf(service: string): boolean | undefined {
    switch (service) {
      case 'liveness':
        return true;
      case '':
      case 'readiness':
      case ExternalProcessor.typeName:
      case 'inference-extension':
        return this.#ready;
      default:
        return undefined;
    }
  }

  addMetrics({ gauge, counter }: MetricsRegistry): void {
    gauge('breakwater_picker_streams', 'Requests in flight behind the picker.').set(this.streams);
    gauge('breakwater_picker_connections', 'Connections of gateways.').set(this.#server.connections);
    counter(
      'breakwater_picker_bad_input_total',
      'Connections, calls and messages that could not be understood.',
    ).inc(this.#badInput.count);
    if (this.#trespasses !== undefined)
      counter(
        'breakwater_picker_trespasses_total',
        'Requests about a cluster that is not of the Gateway that the certificate is for.',
      ).inc(this.#trespasses.count);
    if (this.#certificate !== undefined)
      gauge(
        'breakwater_picker_certificate_expiry_seconds',
        'When the certificate that is served expires, in seconds since 1970.',
      ).set(new X509Certificate(this.#certificate.cert).validToDate.getTime() / 1000);
  }

  /** For connections that come from now on. */
  setCertificate(certificate: ServerCertificate): void {
    this.#server.setTls(serverTls(certificate));
    this.#certificate = certificate;
  }

  /** Says that it is not ready, takes no more streams; resolves when those that are open have ended, or after the time. */
  async drain(timeoutMs: number): Promise<void> {
    this.#ready = false;
    this.#health.changed();
    const over = Promise.withResolvers<void>();
    const timer = startTimer(timeoutMs, over.resolve);
    // An Envoy goes on to say how requests ended as long as there are any.
    const poll = startInterval(DRAIN_POLL_MS, () => {
      if (this.streams === 0) this.#accessLog.end();
    });
    await Promise.race([this.#server.drain(), over.promise]);
    stopTimer(poll);
    stopTimer(timer);
  }

  /** Breaks off what is open; permits are given back. */
  async close(): Promise<void> {
    this.#badInput.close();
    await Promise.all([this.#server.close(), this.#healthServer?.close()]);
  }
}
