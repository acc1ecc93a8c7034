import { monotonicMs } from '../../kernel/index.ts';
import type { ExternalPicker } from '../../plan/index.ts';
import { type CallOptions, GrpcConnection } from '../../wire/index.ts';
import type { PickerClientParts } from './picker-client-parts.ts';
import { Placement, type PlacementRequest } from './placement.ts';

/** Pickers sign their certificates themselves (Inference Extension, --secure-serving without --cert-path): none is looked at. */
const ANY_CERTIFICATE = {};

const PROCESS_PATH = '/envoy.service.ext_proc.v3.ExternalProcessor/Process';
/** What a message has beside a body. */
const HEAD_BYTES = 1024 * 1024;

/** Asks one external picker, over a connection to each of its endpoints. */
export class PickerClient {
  readonly picker: ExternalPicker;
  readonly parts: PickerClientParts;
  /** Of the call that a request is asked about with. */
  readonly process: CallOptions;
  readonly #connections: readonly GrpcConnection[];
  /** Who is asked next, in turn. */
  #next = 0;

  constructor(picker: ExternalPicker, parts: PickerClientParts) {
    this.picker = picker;
    this.parts = parts;
    this.process = { path: PROCESS_PATH, maxMessageBytes: parts.maxBodyBytes + HEAD_BYTES };
    this.#connections = picker.endpoints.map(endpoint => {
      const at = {
        address: endpoint.address,
        port: endpoint.port,
        tls: picker.tls ? ANY_CERTIFICATE : undefined,
      };
      const connection: GrpcConnection = new GrpcConnection(at, {
        lost: reason =>
          parts.log.warn(picker.name, 'connection', `${connection.authority}: ${reason}`, monotonicMs()),
        fault: thrown => parts.faults.tell('the connection to an external picker', thrown, picker.name),
      });
      return connection;
    });
  }

  place(request: PlacementRequest): Placement {
    return new Placement(this, this.#connection(), request);
  }

  /** Calls that are open go on. */
  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  /** An open connection to another endpoint; undefined: there is none. */
  another(than: GrpcConnection | undefined): GrpcConnection | undefined {
    const connection = this.#connection();
    return connection !== than && connection?.isOpen === true ? connection : undefined;
  }

  /** Those that are open in turn, as Envoy would ask them; else one that is being opened. */
  #connection(): GrpcConnection | undefined {
    const { length } = this.#connections;
    const next = this.#next++;
    for (let i = 0; i < length; i++) {
      const connection = this.#connections[(next + i) % length];
      if (connection?.isOpen === true) return connection;
    }
    return this.#connections.find(connection => connection.takesCalls);
  }
}
