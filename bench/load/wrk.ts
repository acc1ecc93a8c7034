import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cores } from '../cores.ts';
import type { Address, Workbench } from '../processes.ts';
import { chatBody } from './chat-body.ts';

const SCRIPT = fileURLToPath(new URL('chat.lua', import.meta.url));
/** Different bodies that are sent in turn: a gateway does not see the same one all the time. */
const BODIES = 64;

export interface WrkResult {
  readonly requests: number;
  readonly durationUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** Chat POSTs over `connections`, each as soon as the one before is answered, for `seconds`. Fails when any request failed. */
export class Wrk {
  readonly #bench: Workbench;
  readonly #path: string;
  readonly #cores: Cores;
  readonly #bodies: string;

  constructor(bench: Workbench, path: string, cores: Cores) {
    this.#bench = bench;
    this.#path = path;
    this.#cores = cores;
    this.#bodies = join(bench.folder('wrk'), 'bodies');
    const bodies = Array.from({ length: BODIES }, (_, seed) => chatBody(seed));
    writeFileSync(this.#bodies, `${bodies.join('\n')}\n`);
  }

  async run({ host, port }: Address, connections: number, seconds: number): Promise<WrkResult> {
    const wrk = this.#bench.start(
      'wrk',
      [
        ...[this.#path, '-t1', `-c${connections}`, `-d${seconds}s`, '-s', SCRIPT],
        ...[`http://${host}:${port}/v1/chat/completions`, '--', this.#bodies],
      ],
      { core: this.#cores.load },
    );
    await wrk.ended;
    const line = wrk.stdout.trimEnd().split('\n').at(-1) ?? '';
    if (wrk.exitCode !== 0 || !line.startsWith('{')) throw wrk.failure('gave no result');
    const { failures, ...result } = JSON.parse(line) as WrkResult & { failures: number };
    if (failures > 0) throw new Error(`${failures} of ${result.requests} requests failed`);
    return result;
  }
}
