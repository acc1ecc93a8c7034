import {
  Agent as HttpAgent,
  type IncomingMessage,
  type RequestOptions as NodeOptions,
  request as plainRequest,
} from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { startTimer, stopTimer, timeoutSignal } from '../../kernel/index.ts';

export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Until the answer has come in full. */
  readonly timeoutMs?: number;
  /** Of the answer's body. */
  readonly limitBytes?: number;
  /** Sent as JSON, or as it is when it is text. */
  readonly body?: unknown;
  /** Of the body; `application/json` by default. PATCH says its kind by it. */
  readonly contentType?: string;
}

export interface Answer {
  readonly status: number;
  /** JSON, or the text where it is none. */
  readonly body: unknown;
}

export interface StreamOptions {
  readonly signal: AbortSignal;
  /** Until the answer begins. */
  readonly timeoutMs: number;
  /** The longest time without a byte. */
  readonly silenceMs: number;
}

export interface StreamAnswer {
  readonly status: number;
  /** Of an answer that is no stream: all of it. */
  json(): Promise<unknown>;
  chunks(): AsyncIterable<Buffer>;
}

const TIMEOUT_MS = 30_000;
const LIMIT_BYTES = 16 * 1024 * 1024;

/** A failed request that has a code of its own. */
class ApiServerError extends Error {
  readonly code: 'timeout' | 'answer-too-large';

  constructor(code: ApiServerError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** HTTP with an API server. Who asks, and whom to trust, is read from the kubeconfig for each request: tokens and certificates change. */
export class ApiServer {
  readonly url: string;
  readonly #config: KubeConfig;
  readonly #hasProxy: boolean;
  readonly #agent: HttpAgent | TlsAgent;

  constructor(config: KubeConfig, url: string, hasProxy: boolean) {
    this.#config = config;
    this.url = url.replace(/\/+$/, '');
    this.#hasProxy = hasProxy;
    const options = { keepAlive: true, keepAliveMsecs: 15_000 };
    this.#agent = this.url.startsWith('https:') ? new TlsAgent(options) : new HttpAgent(options);
  }

  /** One answer, whatever its status. Fails when there is none. */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const { signal, timeoutMs = TIMEOUT_MS, limitBytes = LIMIT_BYTES } = options;
    const timeout = timeoutSignal(timeoutMs);
    const both = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    try {
      const response = await this.#send(method, path, options, both);
      const text = await readAll(response, limitBytes);
      return { status: response.statusCode ?? 0, body: parsed(text) };
    } catch (error) {
      if (timeout.aborted && signal?.aborted !== true)
        throw new ApiServerError('timeout', `no answer to ${method} ${path} within ${timeoutMs / 1000} s`);
      throw error;
    }
  }

  /** An answer that is read as it comes. Ends with an error when its connection does. */
  async stream(path: string, { signal, timeoutMs, silenceMs }: StreamOptions): Promise<StreamAnswer> {
    const quiet = new AbortController();
    const error = new ApiServerError('timeout', `nothing came from ${path} for too long`);
    const timer = startTimer(timeoutMs, () => quiet.abort(error));
    const both = AbortSignal.any([signal, quiet.signal]);
    const response = await this.#send('GET', path, {}, both).catch((cause: unknown) => {
      stopTimer(timer);
      throw quiet.signal.aborted && !signal.aborted ? error : cause;
    });
    stopTimer(timer);
    async function* chunks(): AsyncIterable<Buffer> {
      const silence = startTimer(silenceMs, () => quiet.abort(error));
      try {
        for await (const chunk of response) {
          silence.refresh();
          yield chunk as Buffer;
        }
      } finally {
        stopTimer(silence);
        response.destroy();
      }
    }
    return {
      status: response.statusCode ?? 0,
      json: async () => parsed(await readAll(response, LIMIT_BYTES)),
      chunks,
    };
  }

  /** Ends connections that nobody uses. */
  close(): void {
    this.#agent.destroy();
  }

  async #send(
    method: string,
    path: string,
    { body, contentType = 'application/json' }: RequestOptions,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    signal.throwIfAborted();
    const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const headers: Record<string, string | number> = { accept: 'application/json' };
    if (payload !== undefined) {
      headers['content-type'] = contentType;
      headers['content-length'] = Buffer.byteLength(payload);
    }
    const options: NodeOptions = { headers };
    await this.#config.applyToHTTPSOptions(options as never);
    Object.assign(options, { method, signal }, this.#hasProxy ? {} : { agent: this.#agent });
    const url = new URL(this.url + path);
    const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
    for (;;) {
      const request = send(url, options);
      try {
        return await new Promise<IncomingMessage>((resolve, reject) => {
          request.once('response', resolve);
          // Stays, for errors that come after the answer began: the response tells of those.
          request.on('error', reject);
          request.end(payload);
        });
      } catch (error) {
        // RFC 9112, section 9.3.1: what was sent just as an idle connection was closed may be sent again if it is safe.
        const wasStale = request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
        if (!wasStale || method !== 'GET' || signal.aborted) throw error;
      }
    }
  }
}

async function readAll(response: IncomingMessage, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response) {
    sizeBytes += (chunk as Buffer).length;
    if (sizeBytes > limitBytes) {
      response.destroy();
      throw new ApiServerError('answer-too-large', `the answer is larger than ${limitBytes} bytes`);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
