import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { circles, codeFiles, importGraph, SRC } from './import-graph.ts';
import { page, root } from './markdown.ts';
import { biomeRooms, roomsOf } from './rooms.ts';

const rooms = roomsOf(page('CONTRIBUTING.md'));
const graph = importGraph();
const roomOf = (file: string) => file.split('/')[0] as string;

test('the table of CONTRIBUTING.md has the rooms that there are, and names no others', () => {
  assert.deepEqual([...rooms.keys()].sort(), readdirSync(SRC).sort());
  for (const [room, allowed] of rooms)
    for (const other of allowed) assert.ok(rooms.has(other), `${room}: ${other}`);
});

test('biome.rooms.json checks that table (UPDATE_GOLDEN=1 writes it anew)', () => {
  const rules = biomeRooms(rooms);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(join(root, 'biome.rooms.json'), rules);
  assert.equal(page('biome.rooms.json'), rules);
});

test('no import runs up: what a room may import, may not import it, by whatever way round', () => {
  assert.deepEqual(circles(rooms), []);
});

test('every import between rooms is one that the table allows', () => {
  const forbidden: string[] = [];
  for (const [file, imported] of graph)
    for (const other of imported) {
      const [from, to] = [roomOf(file), roomOf(other)];
      if (from !== to && !rooms.get(from)?.includes(to)) forbidden.push(`${file} imports ${other}`);
    }
  assert.deepEqual(forbidden, []);
});

/** Circles by types alone (Biome finds all others), which nobody has opened yet: this list only becomes shorter. */
const KNOWN_CIRCLES = [
  'dialect/asked/asked.ts dialect/asked/json-body.ts',
  'picker/external/picker-client.ts picker/external/placement.ts',
  'translate/backend/service-endpoints.ts translate/context.ts translate/gateway/gateway-operators.ts translate/gateway/gateway-service.ts',
  'translate/policy/policy-features.ts translate/policy/policy-idle-values.ts translate/policy/policy-no-effect.ts translate/policy/policy-values.ts',
];

test('no files import each other in a circle, for types either, but those that are known', () => {
  const found = circles(graph).map(files => files.join(' '));
  assert.deepEqual(
    found.filter(circle => !KNOWN_CIRCLES.includes(circle)),
    [],
  );
});

/** Files and folders that are above the bounds since before these were checked: these lists only become shorter. */
const LONG_FILES = ['proxy/http1/upstream/connection-pool.ts'];
const FULL_FOLDERS = ['envoy/resources', 'simulator/http'];

test('a file of code has at most 300 lines, and a folder 25 of them, but those that are known', () => {
  const folders = new Map<string, number>();
  const long = codeFiles().filter(file => {
    const folder = file.slice(0, file.lastIndexOf('/'));
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
    return readFileSync(join(SRC, file), 'utf8').trimEnd().split('\n').length > 300;
  });
  const full = [...folders].filter(([, count]) => count > 25).map(([folder]) => folder);
  assert.ok(folders.size > 50, 'the files are found');
  assert.deepEqual(
    long.filter(file => !LONG_FILES.includes(file)),
    [],
  );
  assert.deepEqual(
    full.filter(folder => !FULL_FOLDERS.includes(folder)),
    [],
  );
});
