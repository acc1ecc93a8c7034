import type { UpstreamConnection } from './upstream-connection.ts';

/** The connections of one cluster in one worker that no request uses, by endpoint; of each the one that was used last comes first. */
export class IdleConnections {
  readonly #byEndpoint = new Map<string, UpstreamConnection[]>();

  add(connection: UpstreamConnection): void {
    const idle = this.#byEndpoint.get(connection.endpoint);
    if (idle === undefined) this.#byEndpoint.set(connection.endpoint, [connection]);
    else idle.push(connection);
  }

  /** The one least likely to be closed by the server just now; it stays idle. What is no good any more is closed. */
  best(endpoint: string, nowMs: number, idleTimeoutMs: number): UpstreamConnection | undefined {
    const idle = this.#byEndpoint.get(endpoint);
    if (idle === undefined) return undefined;
    let connection = idle.at(-1);
    for (; connection !== undefined && !isGood(connection, nowMs, idleTimeoutMs); connection = idle.at(-1))
      idle.pop()?.destroy();
    return connection;
  }

  /** One is neither ended by its server nor by us. */
  hasUsable(endpoint: string): boolean {
    return this.#byEndpoint.get(endpoint)?.some(({ usable }) => usable) === true;
  }

  /** It is used, or has closed. */
  delete(connection: UpstreamConnection): void {
    const idle = this.#byEndpoint.get(connection.endpoint);
    if (idle === undefined) return;
    const at = idle.lastIndexOf(connection);
    if (at !== -1) idle.splice(at, 1);
    if (idle.length === 0) this.#byEndpoint.delete(connection.endpoint);
  }

  /** @param except an endpoint whose connections stay */
  closeOne(except: string | undefined): void {
    for (const [endpoint, idle] of this.#byEndpoint) {
      if (endpoint === except || idle.length === 0) continue;
      idle[0]?.destroy();
      return;
    }
  }

  closeAll(): void {
    for (const idle of this.#byEndpoint.values()) for (const connection of [...idle]) connection.destroy();
  }

  /** Those that were idle for too long, or whose server has ended them. */
  closeBad(nowMs: number, idleTimeoutMs: number): void {
    for (const idle of this.#byEndpoint.values())
      for (const connection of [...idle]) if (!isGood(connection, nowMs, idleTimeoutMs)) connection.destroy();
  }
}

function isGood(connection: UpstreamConnection, nowMs: number, idleTimeoutMs: number): boolean {
  return connection.usable && !connection.isOld(nowMs, idleTimeoutMs);
}
