import type { Server, ServerReport } from '../../plan/index.ts';
import type { Binding } from '../worker/messages.ts';
import { type BindOptions, findBinding } from './bind.ts';

export interface FoundPorts {
  /** Server name → where to listen; without those that have no place. */
  readonly bindings: ReadonlyMap<string, Binding>;
  readonly servers: readonly ServerReport[];
}

/** Finds a place to listen for every server of a plan. */
export class Ports {
  readonly #options: BindOptions;
  /** Why servers have another port than their own. */
  readonly #moved = new Map<string, string>();

  constructor(options: BindOptions) {
    this.#options = options;
  }

  /** Servers that stay keep their ports, whatever has become free since. @param current where they listen now */
  async find(servers: readonly Server[], current: ReadonlyMap<string, Binding>): Promise<FoundPorts> {
    const bindings = new Map<string, Binding>();
    const names = new Set(servers.map(server => server.name));
    const freed = new Set(
      [...current].filter(([name]) => !names.has(name)).map(([, binding]) => binding.port),
    );
    const taken = new Set<number>();
    for (const { name } of servers) {
      const known = current.get(name);
      if (known === undefined) continue;
      bindings.set(name, known);
      taken.add(known.port);
    }
    for (const name of this.#moved.keys()) if (!bindings.has(name)) this.#moved.delete(name);
    const reports: ServerReport[] = [];
    for (const server of servers) {
      const { name } = server;
      if (!bindings.has(name)) {
        const found = await findBinding(server, taken, freed, this.#options);
        if ('error' in found) {
          reports.push({ name, error: found.error });
          continue;
        }
        bindings.set(name, found.binding);
        taken.add(found.binding.port);
        if (found.moved !== undefined) this.#moved.set(name, found.moved);
      }
      const moved = this.#moved.get(name);
      const bound = bindings.get(name) as Binding;
      reports.push(moved === undefined ? { name, bound } : { name, bound, moved });
    }
    return { bindings, servers: reports };
  }
}
