import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { test } from 'node:test';
import type { Figures } from './figures.ts';
import { Ear, http, listen, OK, QUICK, SCRAPE, scrape, target, tcp } from './scrape-for-test.ts';
import type { ScrapeSink } from './scrape-target.ts';
import { Scraper, type ScraperOptions } from './scraper.ts';

test('figures come again and again over one connection, one scrape at a time', async context => {
  let connections = 0;
  let open = 0;
  const server = createServer((request, response) => {
    assert.equal(++open, 1);
    assert.equal(request.url, '/metrics');
    assert.equal(request.headers.host, `127.0.0.1:${(server.address() as AddressInfo).port}`);
    response.on('finish', () => open--);
    response.write(SCRAPE.subarray(0, 1000)); // Chunked, in several pieces.
    response.end(SCRAPE.subarray(1000));
  });
  server.on('connection', () => connections++);
  const [ear, scraper] = scrape(context);
  scraper.setTargets([target(7, await listen(context, server))]);
  await ear.until(() => ear.count('figures', 7) === 5);
  assert.deepEqual(ear.kinds(7).slice(0, 4), ['sent', 'figures', 'sent', 'figures']);
  const [, , figures] = ear.told[1] as [string, number, Figures];
  assert.deepEqual([figures.running, figures.waiting, figures.modelName], [4, 2, '/model/llama2']);
  assert.equal(connections, 1);
});

test('a slow endpoint delays only itself, and is given up after the time-out', async context => {
  const slow = await http(context, () => {});
  const quick = await http(context, (_, response) => response.end(SCRAPE));
  const [ear, scraper] = scrape(context, { ...QUICK, timeoutMs: 100 });
  scraper.setTargets([target(0, slow), target(1, quick)]);
  await ear.until(() => ear.count('failed', 0) === 2);
  assert.deepEqual(ear.errors(0), Array(2).fill('no answer within 100 ms'));
  assert.ok(ear.count('figures', 1) >= 3, `${ear.count('figures', 1)} scrapes of the quick one`);
  assert.equal(ear.count('failed', 1), 0);
});

test('failures are told and make it rarer; after a success it is at once as often as before', async context => {
  const times: number[] = [];
  const port = await tcp(context, (socket, _, request) => {
    times.push(performance.now());
    if (request < 4) socket.destroy();
    else socket.write(OK);
  });
  const [ear, scraper] = scrape(context);
  scraper.setTargets([target(0, port)]);
  await ear.until(() => ear.count('figures', 0) === 4);
  assert.equal(ear.count('failed', 0), 4);
  const delays = times.slice(1).map((time, i) => time - (times[i] as number));
  for (const [i, least] of [40, 80, 160, 320].entries()) {
    assert.ok((delays[i] as number) >= least - 5, `delay ${i} is ${delays[i]}`);
  }
  assert.ok(Math.min(...delays.slice(4)) < 100, `then ${delays.slice(4)}`);
});

test('what is no whole, well-formed answer of a working server has failed', async context => {
  const large = await http(context, (_, response) => response.end(Buffer.alloc(70_000)));
  const broken = await http(context, (_, response) => response.writeHead(503).end());
  const cut = await tcp(context, socket => socket.end(OK.slice(0, -1)));
  const other = await tcp(context, socket => socket.write('SSH-2.0\r\n\r\n'));
  const server = createTcpServer();
  const closed = await listen(context, server);
  await new Promise(resolve => server.close(resolve));
  const [ear, scraper] = scrape(context, { ...QUICK, maxBytes: 60_000 });
  scraper.setTargets([large, broken, cut, other, closed].map((port, slot) => target(slot, port)));
  await ear.until(() => [0, 1, 2, 3, 4].every(slot => ear.count('failed', slot) > 0));
  assert.deepEqual(
    [0, 1, 2, 3, 4].map(slot => ear.errors(slot)[0]),
    [
      'the answer is larger than 60000 bytes',
      'status 503',
      'the server closed the connection',
      'not an HTTP/1.1 answer: "SSH-2.0"',
      'ECONNREFUSED',
    ],
  );
  assert.deepEqual([ear.count('figures', 2), ear.count('sent', 4)], [0, 0]);
});

test('without figures it lives, and is asked rarely', async context => {
  const missing = await http(context, (_, response) => response.writeHead(404).end(SCRAPE));
  const other = await http(context, (_, response) => response.end('{"not":"metrics"}'));
  const vllm = await http(context, (_, response) => response.end(SCRAPE));
  const [ear, scraper] = scrape(context);
  scraper.setTargets([target(0, missing), target(1, other), target(2, vllm)]);
  await ear.until(() => [0, 1].every(slot => ear.count('alive', slot) >= 3));
  assert.ok(ear.count('figures', 2) > 4);
  assert.equal(ear.count('failed', 0) + ear.count('failed', 1), 0);
});

test('a body that ends with the connection is whole, and a closed connection is opened again', async context => {
  const port = await tcp(context, socket => socket.end('HTTP/1.0 200 OK\r\n\r\nvllm:num_requests_running 3'));
  const [ear, scraper] = scrape(context);
  scraper.setTargets([target(0, port)]);
  await ear.until(() => ear.count('figures', 0) === 3);
  assert.equal(ear.count('failed', 0), 0);
});

test('a kept connection that the server closes at the next request is no failure', async context => {
  const port = await tcp(context, (socket, connection, request) => {
    if (request === 1) socket.destroy();
    else socket.write(OK);
    if (request > 1) assert.equal(connection, 1);
  });
  const [ear, scraper] = scrape(context);
  scraper.setTargets([target(0, port)]);
  await ear.until(() => ear.count('figures', 0) === 3);
  assert.deepEqual(ear.kinds(0).slice(0, 5), ['sent', 'figures', 'sent', 'sent', 'figures']);
});

test('a connection with bytes that nobody asked for is not used again', async context => {
  const connections: number[] = [];
  const port = await tcp(context, (socket, connection) => {
    connections.push(connection);
    socket.write(`${OK}surplus`);
  });
  const [ear, scraper] = scrape(context);
  scraper.setTargets([target(0, port)]);
  await ear.until(() => ear.count('figures', 0) === 3);
  assert.deepEqual(connections.slice(0, 3), [0, 1, 2]);
});

test('targets that stay keep their connection; those that go are heard of no more, also in the middle of a scrape', async context => {
  let connections = 0;
  const server = createServer((_, response) => response.end(SCRAPE));
  server.on('connection', () => connections++);
  const stays = target(0, await listen(context, server));
  let hanging: ServerResponse | undefined;
  const goes = target(
    1,
    await http(context, (_, response) => {
      hanging = response;
    }),
  );
  const [ear, scraper] = scrape(context);
  scraper.setTargets([stays, goes, stays]);
  await ear.until(() => ear.count('figures', 0) > 0 && ear.count('sent', 1) > 0);
  while (hanging === undefined) await new Promise(resolve => setImmediate(resolve));
  const gone = once(hanging, 'close');
  scraper.setTargets([stays, { ...stays, slot: 2 }]);
  await gone;
  const before = ear.count('figures', 0);
  await ear.until(() => ear.count('figures', 0) > before + 2 && ear.count('figures', 2) > 0);
  assert.deepEqual(ear.kinds(1), ['sent']);
  assert.equal(connections, 2);
});

test('a sink may replace the targets while it is told something', async context => {
  const port = await http(context, () => {});
  const [ear, scraper] = scrape(context, { ...QUICK, timeoutMs: 20 });
  const failed = ear.failed.bind(ear);
  ear.failed = (...told) => {
    failed(...told);
    scraper.setTargets([target(9, port)]);
  };
  scraper.setTargets([0, 1, 2].map(slot => target(slot, port)));
  await ear.until(() => ear.count('failed', 9) > 0);
  assert.equal([0, 1, 2].filter(slot => ear.count('failed', slot) > 0).length, 1);
});

test('what throws, and what no connection can lead to, costs one endpoint its figures and nobody else anything', async context => {
  const port = await http(context, (_, response) => response.end(OK.slice(-27)));
  const [ear, scraper] = scrape(context);
  const figures = ear.figures.bind(ear);
  let thrown = 0;
  ear.figures = (slot, ...rest) => {
    if (slot === 1 && thrown++ < 3) throw new Error('a sink of ours');
    figures(slot, ...rest);
  };
  scraper.setTargets([target(0, 70_000), target(1, port), target(2, port, '/a\r\nb: c')]);
  await ear.until(
    () => ear.count('figures', 1) > 0 && ear.count('figures', 2) > 0 && ear.count('failed', 0) > 0,
  );
  assert.match(String(ear.errors(0)[0]), /port|range/i);
  assert.equal(ear.errors(1)[0], 'a sink of ours');
});

test('starts are spread over the interval', async context => {
  const port = await http(context, (_, response) => response.end(SCRAPE));
  const times: number[] = [];
  const [ear, scraper] = scrape(context, { ...QUICK, intervalMs: 400 });
  const sent = ear.sent.bind(ear);
  ear.sent = slot => {
    times.push(performance.now());
    sent(slot);
  };
  scraper.setTargets(Array.from({ length: 20 }, (_, slot) => target(slot, port)));
  await ear.until(() => times.length >= 20);
  const spread = (times[19] as number) - (times[0] as number);
  assert.ok(spread > 200, `20 starts within ${spread} ms of 400`);
});

test('closing leaves no connection and is heard of no more', async context => {
  const server = createServer((_, response) => response.end(SCRAPE));
  const port = await listen(context, server);
  const hanging = await http(context, () => {});
  const [ear, scraper] = scrape(context);
  scraper.setTargets([target(0, port), target(1, hanging)]);
  await ear.until(() => ear.count('figures', 0) > 0 && ear.count('sent', 1) > 0);
  await scraper.close();
  const { length } = ear.told;
  await new Promise(resolve => server.close(resolve)); // Only once every connection is closed.
  scraper.setTargets([target(0, hanging)]);
  await scraper.close();
  assert.equal(ear.told.length, length);
});

test('what throws in us at one endpoint costs its scrape: it is told and tried again, and the others are scraped', async context => {
  const port = await http(context, (_, response) => response.end('vllm:num_requests_running 3'));
  const ear = new Ear();
  const faults: string[] = [];
  const sink: ScrapeSink = {
    sent: slot => {
      if (slot === 0) throw new Error('no such row');
      ear.sent(slot);
    },
    figures: (slot, figures, nowMs) => ear.figures(slot, figures, nowMs),
    alive: (slot, got, nowMs) => ear.alive(slot, got, nowMs),
    failed: (slot, error, nowMs) => ear.failed(slot, error, nowMs),
  };
  const onFault: NonNullable<ScraperOptions['onFault']> = ({ task, error, failures }) =>
    faults.push(`${task}: ${error.message} ${failures}`);
  const scraper = new Scraper(sink, { ...QUICK, onFault });
  context.after(() => scraper.close());
  scraper.setTargets([target(0, port), target(1, port)]);
  await ear.until(() => ear.count('figures', 1) >= 5 && faults.length >= 2);
  assert.deepEqual(
    faults.slice(0, 2),
    [1, 2].map(n => `the scrape of 127.0.0.1:${port}: no such row ${n}`),
  );
});
