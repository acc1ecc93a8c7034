import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { circles, importGraph, SRC } from './import-graph.ts';
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
