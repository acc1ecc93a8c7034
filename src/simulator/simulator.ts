import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTimer, stopTimer, type Timer, wallMs } from '../kernel/index.ts';
import { SYSTEM_CLOCK } from './engine/engine-loop.ts';
import { handle } from './http/router.ts';
import { ModelServer, type ModelServerOptions } from './http/simulated-server.ts';
import type { SimulatorOptions } from './simulator-options.ts';

export interface SimulatorStart extends SimulatorOptions {
  /** IP address to listen on. */
  readonly address: string;
  /** 0: one that is free. */
  readonly port: number;
  /** Texts of the container's files, by path: the chat template is read through it. */
  readonly files: (path: string) => string | undefined;
}

/** A model server that is being simulated. */
export interface Simulator {
  readonly port: number;
  /** Requests that are being answered. */
  readonly inFlight: number;
  /** No new connections; resolves when all requests have been answered, or after `graceMs`, when the rest has been cut off. */
  close(graceMs?: number): Promise<void>;
}

/**
 * Starts a model server that speaks vLLM's HTTP API and metrics, with a timing model in place of a GPU.
 * @throws the error of listen(2), e.g. EADDRINUSE
 */
export async function startSimulator(start: SimulatorStart): Promise<Simulator> {
  const server = new RunningSimulator(new ModelServer(start satisfies ModelServerOptions, SYSTEM_CLOCK));
  await server.listen(start.port, start.address);
  return server;
}

/**
 * What the first request needs takes 0.2 s to load. It is loaded so long after the start, so that it neither holds up the start of
 * the rest of the program nor, as a rule, the first request.
 */
const WARM_UP_DELAY_MS = 1000;

/** uvicorn's answer to what is not HTTP. */
const invalidRequest = () =>
  [
    'HTTP/1.1 400 Bad Request',
    `date: ${new Date(wallMs()).toUTCString()}`,
    'server: uvicorn',
    'content-type: text/plain; charset=utf-8',
    'content-length: 30',
    'connection: close',
    '\r\nInvalid HTTP request received.',
  ].join('\r\n');

class RunningSimulator implements Simulator {
  readonly #model: ModelServer;
  readonly #server: Server;
  #inFlight = 0;
  #onIdle: (() => void) | undefined;
  #warmUp: Timer | undefined;

  constructor(model: ModelServer) {
    this.#model = model;
    this.#server = createServer({ requireHostHeader: false }, (request, response) => {
      this.#inFlight++;
      response.once('close', () => {
        if (--this.#inFlight === 0) this.#onIdle?.();
      });
      void handle(model, request, response);
    });
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
      else socket.end(invalidRequest());
    });
    // uvicorn's: 5 s between requests, no limit on how long one takes.
    this.#server.keepAliveTimeout = 5000;
    this.#server.requestTimeout = 0;
  }

  async listen(port: number, address: string): Promise<void> {
    this.#server.listen(port, address);
    await once(this.#server, 'listening');
    this.#warmUp = startTimer(WARM_UP_DELAY_MS, () => this.#model.warmUp()).unref();
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  async close(graceMs = 0): Promise<void> {
    stopTimer(this.#warmUp);
    const closed = once(this.#server, 'close');
    this.#server.close();
    if (this.#inFlight > 0 && graceMs > 0) await this.#idle(graceMs);
    this.#server.closeAllConnections();
    await closed;
    this.#model.loop.close();
  }

  #idle(graceMs: number): Promise<void> {
    return new Promise(resolve => {
      const timer = startTimer(graceMs, resolve);
      this.#onIdle = () => {
        stopTimer(timer);
        resolve();
      };
    });
  }
}
