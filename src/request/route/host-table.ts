import { type Listener, modelHeadersOf, type Server } from '../../plan/index.ts';
import type { CompiledRoute, RequestView } from './match.ts';
import { type OnFailed, RouteIndex } from './route-index.ts';

/** Looks a host up: exact before the longest wildcard before any. Envoy's order for virtual hosts. */
class Domains<T> {
  readonly #exact = new Map<string, T>();
  /** By suffix with its leading dot. */
  readonly #wildcards = new Map<string, T>();
  #any: T | undefined;

  add(domain: string | undefined, value: T): void {
    if (domain === undefined || domain === '*') this.#any = value;
    else if (domain.startsWith('*.')) this.#wildcards.set(domain.slice(1), value);
    else this.#exact.set(domain, value);
  }

  find(host: string): T | undefined {
    const exact = this.#exact.get(host);
    if (exact !== undefined) return exact;
    if (this.#wildcards.size > 0) {
      // A wildcard stands for one label or more, never for none (Gateway API, Hostname).
      for (let dot = host.indexOf('.'); dot > 0; dot = host.indexOf('.', dot + 1)) {
        const found = this.#wildcards.get(host.slice(dot));
        if (found !== undefined) return found;
      }
    }
    return this.#any;
  }
}

/** All routes of one server, ready to be asked. */
export class HostTable {
  readonly server: Server;
  /** Headers in which routes look for the model that a body asks for, in lower case; none: no route does. */
  readonly modelHeaders: readonly string[];
  readonly #listeners = new Domains<{
    readonly listener: Listener;
    readonly hosts: Domains<RouteIndex>;
  }>();

  constructor(server: Server, onFailed?: OnFailed) {
    this.server = server;
    this.modelHeaders = modelHeadersOf(server.listeners);
    for (const listener of server.listeners) {
      const hosts = new Domains<RouteIndex>();
      for (const { domain, routes } of listener.virtualHosts)
        hosts.add(domain, new RouteIndex(routes, onFailed));
      this.#listeners.add(listener.hostname, { listener, hosts });
    }
  }

  /** @param host lower case, without port */
  find(host: string, request: RequestView): CompiledRoute | undefined {
    return this.#listeners.find(host)?.hosts.find(host)?.find(request);
  }

  /** The listener that a TLS client means by its server name. */
  listener(serverName: string): Listener | undefined {
    return this.#listeners.find(serverName)?.listener;
  }
}
