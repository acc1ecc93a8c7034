import type { Server, ServerReport } from '../../plan/index.ts';
import type { Binding } from '../worker/messages.ts';
import { tryBind } from './bind.ts';
import type { FoundPorts } from './listening-ports.ts';

/** Binds every server where a Service leads its port: `bindPort`, on one address. */
export class AssignedPorts {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  /** A server that no Service leads to has no place yet, and no error either. @param current where they listen now */
  async find(servers: readonly Server[], current: ReadonlyMap<string, Binding>): Promise<FoundPorts> {
    const ours = new Set([...current.values()].map(({ port }) => port));
    const owners = new Map<number, string>();
    for (const { name, bindPort } of servers)
      if (bindPort !== undefined && !owners.has(bindPort)) owners.set(bindPort, name);
    const bindings = new Map<string, Binding>();
    const reports = await Promise.all(
      servers.map(async ({ name, port: publicPort, bindPort }): Promise<ServerReport> => {
        if (bindPort === undefined) return { name };
        const owner = owners.get(bindPort);
        if (owner !== name) return { name, error: `port ${bindPort} leads to ${owner}` };
        const error = ours.has(bindPort) ? undefined : await tryBind(this.#address, bindPort);
        if (error !== undefined) return { name, error };
        const bound = { address: this.#address, port: bindPort };
        bindings.set(name, { ...bound, publicPort });
        return { name, bound };
      }),
    );
    return { bindings, servers: reports };
  }
}
