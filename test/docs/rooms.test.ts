import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
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

/**
 * Rooms whose files are loaded one by one, by what is needed of them: a command that lists objects loads no data plane, and Envoy's
 * messages alone take half a second. These are their doors.
 */
const OTHER_DOORS = [
  'admin/admin-server.ts',
  'admin/state-file.ts',
  'admin/wire.ts',
  'control/controller-names.ts',
  'control/controller/start-controller.ts',
  'control/controller/stop-controller.ts',
  'control/event-log.ts',
  'control/findings.ts',
  'control/listen-error.ts',
  'control/object-store.ts',
  'control/overflow-watch.ts',
  'control/own-metrics.ts',
  'control/runtime.ts',
  'control/start-plane.ts',
  'control/watch-overflows.ts',
  'control/workloads.ts',
  'envoy/envoy-plane.ts',
  'envoy/ext-proc/ext-proc-server.ts',
  'envoy/ext-proc/picker-state.ts',
  'envoy/fleet/fleet.ts',
  'envoy/process/find-envoy.ts',
  'envoy/resources/picker-places.ts',
  'envoy/resources/plan-messages.ts',
  'envoy/static-bootstrap.ts',
  // Every command has it before it knows what it does: the door of the room loads a quarter of a second more.
  'kernel/breakwater-error.ts',
  'proxy/embedded-plane.ts',
  'proxy/names/lookup.ts',
  'proxy/names/not-own.ts',
  'proxy/names/plan-names.ts',
  'proxy/plane/listening-ports.ts',
];

test('a room, or a folder of one, is entered by its index.ts, and one that has none by its doors', () => {
  const entered = new Set<string>();
  for (const [file, imported] of graph)
    for (const other of imported) if (roomOf(file) !== roomOf(other)) entered.add(other);
  const others = [...entered].filter(file => !file.endsWith('/index.ts')).sort();
  assert.deepEqual(others, OTHER_DOORS);
});

test('no files import each other in a circle, for types either', () => {
  assert.deepEqual(circles(graph), []);
});

test('a file of code has at most 300 lines, and a folder 25 of them', () => {
  const folders = new Map<string, number>();
  const long = codeFiles().filter(file => {
    const folder = file.slice(0, file.lastIndexOf('/'));
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
    return readFileSync(join(SRC, file), 'utf8').trimEnd().split('\n').length > 300;
  });
  const full = [...folders].filter(([, count]) => count > 25).map(([folder]) => folder);
  assert.ok(folders.size > 50, 'the files are found');
  assert.deepEqual(long, []);
  assert.deepEqual(full, []);
});

/** Words that name things here alone: the field has others (handoff, reservation, ownership, retired, publish, report, context). */
const OWN_WORDS = new Set([
  'desk',
  'hold',
  'tenure',
  'farewell',
  'lookout',
  'attendance',
  'lingering',
  'say',
  'heard',
]);
const NO_CODE = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

/** Words of a name in camel case, capitals, or with hyphens. */
function wordsOf(name: string): string[] {
  return (name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? []).map(word => word.toLowerCase());
}

/** All files of code, tests and what they use too; nothing that is generated. */
function allFiles(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
    file => file.endsWith('.ts') && !file.includes('/gen/'),
  );
}

test('a file of tests has at most 300 lines too', () => {
  const long = ['src', 'test', 'bench'].flatMap(top =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts') && !file.includes('/gen/'))
      .filter(
        file =>
          readFileSync(join(root, top, file), 'utf8')
            .trimEnd()
            .split('\n').length > 300,
      )
      .map(file => `${top}/${file}`),
  );
  assert.deepEqual(long, []);
});

test('a file has a name that no other has, so that it is found by it', () => {
  const byName = Map.groupBy(allFiles(), file => basename(file));
  const several = [...byName].filter(([name, files]) => name !== 'index.ts' && files.length > 1);
  assert.deepEqual(several, []);
});

test('names are those of the field: none has a word that only this program knows', () => {
  const found = allFiles().flatMap(file => {
    const names =
      readFileSync(join(SRC, file), 'utf8')
        .replace(NO_CODE, '')
        .match(/[A-Za-z_$][\w$]*/g) ?? [];
    return [...new Set([basename(file, '.ts'), ...names])]
      .filter(name => name === 'PoolHolders' || wordsOf(name).some(word => OWN_WORDS.has(word)))
      .map(name => `${file}: ${name}`);
  });
  assert.deepEqual(found, []);
});
