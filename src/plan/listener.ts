import type { ObjectRef } from './object-ref.ts';
import type { Route } from './route.ts';
import type { Telemetry } from './telemetry.ts';
import type { Certificate, ClientValidation } from './tls.ts';

/** One bound port of one Gateway; the listeners that share it are told apart by host name. */
export interface Server {
  /** `NAMESPACE/GATEWAY/PORT`. */
  readonly name: string;
  readonly gateway: ObjectRef;
  /** The port that the manifest asks for. Where it is really bound is the plane's matter. */
  readonly port: number;
  /**
   * The port that a Service leads it to: the one to bind, on a cluster. Absent there on the embedded plane: there is no such
   * Service yet.
   */
  readonly bindPort?: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  /** HTTPS only; absent: clients show no certificates. */
  readonly clientValidation?: ClientValidation;
  readonly listeners: readonly Listener[];
  /** Absent: as Envoys do by default. */
  readonly telemetry?: Telemetry;
  /** Who is told names and decisions with an answer; absent: who comes from the machine that it runs on. See isOperator. */
  readonly operators?: 'everybody' | 'nobody';
}

export interface Listener {
  /** Unique in its Gateway: `LISTENER`, of a ListenerSet `NAMESPACE/NAME/LISTENER`. */
  readonly name: string;
  /** `foo.example.com`, `*.example.com`, or absent for every host. Lower case. */
  readonly hostname?: string;
  /** PEM, for HTTPS; the first is the default certificate. */
  readonly certificates: readonly Certificate[];
  /**
   * Listener isolation: a request belongs to the listener with the most specific matching hostname, then to the
   * virtual host with the most specific domain in it; there is no falling back to a less specific one.
   * (Gateway API, Listener.hostname.)
   */
  readonly virtualHosts: readonly VirtualHost[];
}

export interface VirtualHost {
  /** `foo.example.com`, `*.example.com` or `*`. Lower case, no port. */
  readonly domain: string;
  /** In order of precedence: the first that matches wins. */
  readonly routes: readonly Route[];
}
