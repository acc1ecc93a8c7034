import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { lookUpWith } from './lookup.ts';

const A = 1;
const AAAA = 28;
interface Zone {
  /** By `NAME TYPE`: data of the records; a number is a code of failure. */
  readonly [question: string]: readonly Buffer[] | number;
}

const ipv4 = (address: string) => Buffer.from(address.split('.').map(Number));
const ONE = Buffer.from('20010db8000000000000000000000001', 'hex');

/** A DNS server that knows a zone (RFC 1035 section 4.1). @returns its `ADDRESS:PORT` */
async function dns(context: TestContext, zone: Zone, ttl = 60): Promise<string> {
  const socket = createSocket('udp4');
  socket.on('message', (query, peer) => {
    let end = 12;
    const labels: string[] = [];
    while (query[end] !== 0) {
      const length = query[end] as number;
      labels.push(query.toString('latin1', end + 1, end + 1 + length));
      end += length + 1;
    }
    const type = query.readUInt16BE(end + 1);
    const answer = zone[`${labels.join('.')} ${type}`] ?? 3;
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(0x8180 | (typeof answer === 'number' ? answer : 0), 2);
    head.writeUInt16BE(typeof answer === 'number' ? 0 : answer.length, 6);
    head.writeUInt32BE(0, 8);
    const records = typeof answer === 'number' ? [] : answer;
    const bodies = records.flatMap(data => {
      const fields = Buffer.alloc(12);
      fields.writeUInt16BE(0xc00c, 0);
      fields.writeUInt16BE(type, 2);
      fields.writeUInt16BE(1, 4);
      fields.writeUInt32BE(ttl, 6);
      fields.writeUInt16BE(data.length, 10);
      return [fields, data];
    });
    socket.send(Buffer.concat([head, query.subarray(12, end + 5), ...bodies]), peer.port, peer.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  context.after(() => socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

const nobody = async () => [];

test('all addresses of a name with the least of its TTLs; IPv6 where there is no IPv4, as V4_PREFERRED says', async context => {
  const servers = [
    await dns(context, {
      [`both.test ${A}`]: [ipv4('10.0.0.2'), ipv4('10.0.0.1'), ipv4('10.0.0.1')],
      [`both.test ${AAAA}`]: [ONE],
      [`six.test ${A}`]: [],
      [`six.test ${AAAA}`]: [ONE],
      [`none.test ${A}`]: [],
      [`broken.test ${A}`]: 2,
    }),
  ];
  const lookUp = lookUpWith({ servers, hostsFile: '/nowhere', system: nobody });
  assert.deepEqual(await lookUp('both.test'), { addresses: ['10.0.0.1', '10.0.0.2'], ttlMs: 60_000 });
  assert.deepEqual(await lookUp('six.test'), { addresses: ['2001:db8::1'], ttlMs: 60_000 });
  assert.deepEqual(await lookUp('gone.test'), { addresses: [] });
  assert.deepEqual(await lookUp('none.test'), { addresses: [] });
  await assert.rejects(lookUp('broken.test'), { code: 'ESERVFAIL' });
});

test('the hosts file comes first, the system last', async context => {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-hosts-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const hostsFile = join(folder, 'hosts');
  writeFileSync(hostsFile, '10.0.0.1\tA.test a # b.test\n::1 a.test\n10.0.0.2 a.test\nnonsense\n::1 six\n');
  const servers = [await dns(context, { [`b.test ${A}`]: [ipv4('10.0.0.9')] })];
  const asked: string[] = [];
  const system = async (name: string) => {
    asked.push(name);
    return ['::1', '10.0.0.7'];
  };
  const lookUp = lookUpWith({ servers, hostsFile, system });
  assert.deepEqual(await lookUp('a.test.'), { addresses: ['10.0.0.1', '10.0.0.2'] });
  assert.deepEqual(await lookUp('six'), { addresses: ['::1'] });
  assert.deepEqual((await lookUp('b.test')).addresses, ['10.0.0.9']);
  assert.deepEqual(await lookUp('short'), { addresses: ['10.0.0.7'] });
  assert.deepEqual(asked, ['short']);
});

test('of a name with very many addresses a bounded number is used', async context => {
  const many = Array.from({ length: 25 }, (_, i) => ipv4(`10.0.0.${i}`));
  const servers = [await dns(context, { [`many.test ${A}`]: many })];
  const system = async () => Array.from({ length: 10_000 }, (_, i) => `10.1.${i >> 8}.${i & 255}`);
  const lookUp = lookUpWith({ servers, hostsFile: '/nowhere', system });
  assert.equal((await lookUp('many.test')).addresses.length, 25);
  assert.equal((await lookUp('more.test')).addresses.length, 128);
});
