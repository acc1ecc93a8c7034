import { type Head, readBody, readHead } from './message.ts';
import type { Script } from './upstream.ts';
import type { Wire } from './wire.ts';

/** Answers that have begun, and end when they are told to. */
export class HeldStreams {
  readonly #end = Promise.withResolvers<void>();
  readonly #heads = new Map<Wire, Head>();

  /** What the server does. */
  get script(): Script {
    return async ({ wire }) => {
      wire.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n');
      await this.#end.promise;
      wire.write('0\r\n\r\n');
    };
  }

  /** Clients, each with an answer that has begun. */
  async begin(count: number, connect: () => Promise<Wire>): Promise<void> {
    for (let i = 0; i < count; i++) {
      const client = await connect();
      client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
      this.#heads.set(client, await readHead(client));
    }
  }

  /** Clients whose connections are open. */
  get alive(): number {
    return this.#alive().length;
  }

  /** Ends the answers. @returns the bodies of those that are alive */
  async end(): Promise<string[]> {
    this.#end.resolve();
    return await Promise.all(
      this.#alive().map(async ([client, head]) => (await readBody(client, head)).body),
    );
  }

  #alive(): [Wire, Head][] {
    return [...this.#heads].filter(([client]) => !client.ended);
  }
}
