import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { vllmScrape } from './capture-for-test.ts';
import type { Figures } from './figures.ts';
import type { ScrapeSink, ScrapeTarget } from './scrape-target.ts';
import { Scraper, type ScraperOptions } from './scraper.ts';

export const SCRAPE = vllmScrape();
export const QUICK: ScraperOptions = { intervalMs: 20, timeoutMs: 5000, now: () => 42 };

type Told = readonly ['sent' | 'figures' | 'alive' | 'failed', number, (Figures | string)?];

/** Keeps what was told; conditions on it can be waited for. */
export class Ear implements ScrapeSink {
  readonly told: Told[] = [];
  #waiting: (() => void)[] = [];

  sent(slot: number): void {
    this.#note(['sent', slot]);
  }

  figures(slot: number, figures: Figures, nowMs: number): void {
    assert.equal(nowMs, 42);
    this.#note(['figures', slot, figures]);
  }

  alive(slot: number, got: string, nowMs: number): void {
    assert.equal(nowMs, 42);
    this.#note(['alive', slot, got]);
  }

  failed(slot: number, error: string, nowMs: number): void {
    assert.equal(nowMs, 42);
    this.#note(['failed', slot, error]);
  }

  count(kind: Told[0], slot: number): number {
    return this.told.filter(told => told[0] === kind && told[1] === slot).length;
  }

  kinds(slot: number): string[] {
    return this.told.filter(told => told[1] === slot).map(told => told[0]);
  }

  errors(slot: number): unknown[] {
    return this.told.filter(told => told[0] === 'failed' && told[1] === slot).map(told => told[2]);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>(resolve => this.#waiting.push(resolve));
  }

  #note(told: Told): void {
    this.told.push(told);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

export async function listen(context: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

export const http = (
  context: TestContext,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
) => listen(context, createServer(handle));

/** @param answer what to do with each request on a bare socket */
export const tcp = (
  context: TestContext,
  answer: (socket: Socket, connection: number, request: number) => void,
) => {
  let connections = 0;
  let requests = 0;
  return listen(
    context,
    createTcpServer(socket => {
      const connection = connections++;
      socket.on('data', () => answer(socket, connection, requests++));
    }),
  );
};

export const target = (slot: number, port: number, path = '/metrics'): ScrapeTarget => ({
  id: `127.0.0.1:${port}`,
  address: '127.0.0.1',
  port,
  path,
  slot,
});

export function scrape(context: TestContext, options: ScraperOptions = QUICK): [Ear, Scraper] {
  const ear = new Ear();
  const scraper = new Scraper(ear, options);
  context.after(() => scraper.close());
  return [ear, scraper];
}

export const OK = `HTTP/1.1 200 OK\r\ncontent-length: 27\r\n\r\nvllm:num_requests_running 3`;
