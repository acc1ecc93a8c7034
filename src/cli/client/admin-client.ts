import { type IncomingMessage, request } from 'node:http';
import { findServers, type RunningServer } from '../../admin/state-file.ts';
import { BreakwaterError, isErrorCode } from '../../kernel/breakwater-error.ts';

export interface ServerChoice {
  /** `--server URL`. */
  readonly server?: string | undefined;
}

/** Where a request goes, and with which token. */
type Candidate = Pick<RunningServer, 'url' | 'token'>;

const TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** Talks to the admin API of the `breakwater up` that it found: the named one, else this folder's, else the newest. */
export class AdminClient {
  #candidates: readonly Candidate[];

  constructor(choice: ServerChoice, env: NodeJS.ProcessEnv = process.env) {
    const named = choice.server ?? env['BREAKWATER_SERVER'];
    const running = findServers(process.cwd());
    this.#candidates =
      named === undefined
        ? running
        : [{ url: asUrl(named), token: env['BREAKWATER_TOKEN'] ?? tokenFor(asUrl(named), running) }];
    if (this.#candidates.length === 0)
      throw new BreakwaterError('BW_NO_SERVER', 'no running Breakwater was found on this machine');
  }

  get url(): string {
    return this.#candidates[0]?.url ?? '';
  }

  async get<T>(path: string): Promise<T> {
    return (await this.#json('GET', path, undefined)) as T;
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return (await this.#json('POST', path, body)) as T;
  }

  /** Calls `onItem` for each JSON line of a stream, until the server ends it or `signal` does. */
  async stream(path: string, onItem: (item: unknown) => void, signal?: AbortSignal): Promise<void> {
    const response = await this.#send('GET', path, undefined, signal);
    if (response.statusCode !== 200) throw errorOf(response.statusCode ?? 0, await readAll(response));
    let rest = '';
    response.setEncoding('utf8');
    try {
      for await (const chunk of response) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') onItem(JSON.parse(line));
      }
    } catch (error) {
      if (signal?.aborted !== true && (error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    }
  }

  async #json(method: string, path: string, body: unknown): Promise<unknown> {
    const response = await this.#send(method, path, body);
    const text = await readAll(response);
    const status = response.statusCode ?? 0;
    if (status >= 300) throw errorOf(status, text);
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new BreakwaterError('BW_BAD_ANSWER', `${this.url}${path} did not answer with JSON`, { cause });
    }
  }

  async #send(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<IncomingMessage> {
    for (;;) {
      const [candidate, ...others] = this.#candidates;
      if (candidate === undefined)
        throw new BreakwaterError('BW_NO_SERVER', 'no running Breakwater was found on this machine');
      try {
        return await send(candidate, method, path, body, signal);
      } catch (error) {
        // A process that has the pid of one that was killed: try the next.
        if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED' && others.length > 0) {
          this.#candidates = others;
          continue;
        }
        if (signal?.aborted === true) throw error;
        throw new BreakwaterError(
          'BW_SERVER_UNREACHABLE',
          `${candidate.url} does not answer: ${(error as Error).message}`,
          { cause: error },
        );
      }
    }
  }
}

function send(
  candidate: Candidate,
  method: string,
  path: string,
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const outgoing = request(
      new URL(path, candidate.url),
      {
        method,
        // One request a process: a kept connection would only hold the process up.
        agent: false,
        headers: {
          authorization: `Bearer ${candidate.token}`,
          ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(signal === undefined ? { timeout: TIMEOUT_MS } : { signal }),
      },
      resolve,
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES)
      throw new BreakwaterError('BW_BAD_ANSWER', `the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function errorOf(status: number, text: string): BreakwaterError {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown; message?: unknown } };
    if (isErrorCode(error?.code)) return new BreakwaterError(error.code, String(error.message));
  } catch {
    // Not ours: said below.
  }
  return new BreakwaterError(
    'BW_BAD_ANSWER',
    `the server answered with status ${status}: ${text.slice(0, 200)}`,
  );
}

function asUrl(server: string): string {
  const url = /^https?:\/\//.test(server) ? server : `http://${server}`;
  if (!URL.canParse(url)) throw new BreakwaterError('BW_USAGE', `--server: expected a URL, got "${server}"`);
  return url;
}

function tokenFor(url: string, running: readonly RunningServer[]): string {
  return running.find(server => new URL(server.url).host === new URL(url).host)?.token ?? '';
}
