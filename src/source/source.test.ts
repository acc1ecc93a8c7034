import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { fileSource, overlaySource, type Source } from './index.ts';
import { parseManifest } from './manifest.ts';

const root = mkdtempSync(join(tmpdir(), 'breakwater-source-'));
after(() => rmSync(root, { recursive: true }));

function folder(): string {
  return mkdtempSync(join(root, 'm'));
}

function configMap(name: string, value = 'x'): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  key: ${value}\n`;
}

const names = (source: Source) =>
  source
    .current()
    .list('ConfigMap')
    .map(object => object.metadata.name);
const value = (source: Source, name: string) =>
  source.current().get('ConfigMap', 'default', name)?.data?.['key'];

/** Resolves at the next change. */
function nextChange(source: Source): Promise<void> {
  return new Promise(resolve => {
    const stop = source.onChange(() => {
      stop();
      resolve();
    });
  });
}

test('folders are read with all below them, in a fixed order; other files are not', async () => {
  const path = folder();
  mkdirSync(join(path, 'b'));
  writeFileSync(join(path, 'z.yaml'), configMap('z'));
  writeFileSync(join(path, 'b', 'a.yml'), `${configMap('a')}---\n---\n${configMap('c')}`);
  writeFileSync(
    join(path, 'j.json'),
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'j' } }],
    }),
  );
  writeFileSync(join(path, 'note.txt'), 'no manifest');
  const source = await fileSource({ paths: [path], watch: false });
  assert.deepEqual(names(source), ['a', 'c', 'j', 'z']);
  assert.deepEqual(source.problems(), []);
  await source.close();
});

test('standard input', async () => {
  const source = await fileSource({ paths: ['-'], watch: false, stdin: Readable.from([configMap('a')]) });
  assert.deepEqual(names(source), ['a']);
  await source.close();
});

test('edits are seen; a broken one keeps the last good objects; a file that vanishes loses them', async () => {
  const path = folder();
  const file = join(path, 'a.yaml');
  writeFileSync(file, configMap('a', 'one'));
  const source = await fileSource({ paths: [path], watch: true });
  const edit = async (change: () => void) => {
    const changed = nextChange(source);
    change();
    await changed;
  };
  await edit(() => writeFileSync(file, configMap('a', 'two')));
  assert.equal(value(source, 'a'), 'two');
  await edit(() => writeFileSync(file, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\n'));
  assert.equal(value(source, 'a'), 'two');
  const [problem] = source.problems();
  assert.equal(problem?.file, file);
  assert.ok((problem?.line ?? 0) >= 3);
  await edit(() => writeFileSync(file, configMap('a', '[1]')));
  assert.equal(value(source, 'a'), 'two');
  assert.match(source.problems()[0]?.message ?? '', /^ConfigMap default\/a: data\.key: Invalid value/);
  await edit(() => {
    // As editors save: a new file takes the place of the old one.
    writeFileSync(`${file}~`, configMap('a', 'three'));
    renameSync(`${file}~`, file);
  });
  assert.equal(value(source, 'a'), 'three');
  assert.deepEqual(source.problems(), []);
  await edit(() => rmSync(file));
  assert.deepEqual(names(source), []);
  await source.close();
});

test('a path of the options that vanishes keeps its objects, is reported, and is read again when it is back', async () => {
  const path = folder();
  writeFileSync(join(path, 'a.yaml'), configMap('a', 'one'));
  const source = await fileSource({ paths: [path], watch: true });
  let changed = nextChange(source);
  renameSync(path, `${path}-away`);
  await changed;
  assert.equal(value(source, 'a'), 'one');
  assert.deepEqual(
    source.problems().map(({ severity, file, message }) => [severity, file, message]),
    [['error', path, 'is not there any more: its last objects are kept']],
  );
  writeFileSync(join(`${path}-away`, 'a.yaml'), configMap('a', 'two'));
  changed = nextChange(source);
  renameSync(`${path}-away`, path);
  await changed;
  assert.equal(value(source, 'a'), 'two');
  assert.deepEqual(source.problems(), []);
  await source.close();
});

test('files that are no text, or lead nowhere, are reported', async () => {
  const path = folder();
  writeFileSync(join(path, 'latin1.yaml'), Buffer.from(configMap('a', '"\xe9"'), 'latin1'));
  writeFileSync(join(path, 'utf16.yaml'), Buffer.from(`\ufeff${configMap('b')}`, 'utf16le'));
  writeFileSync(join(path, 'mark.yaml'), `\ufeff${configMap('c')}`);
  symlinkSync('nowhere', join(path, 'dangling.yaml'));
  symlinkSync('loop.yaml', join(path, 'loop.yaml'));
  const source = await fileSource({ paths: [path], watch: false });
  assert.deepEqual(names(source), ['c']);
  const problems = source.problems().map(({ file, message }) => `${basename(file)} ${message}`);
  assert.equal(problems.length, 4);
  assert.match(problems[0] ?? '', /^dangling\.yaml cannot be read: ENOENT/);
  assert.match(problems[1] ?? '', /^latin1\.yaml is not UTF-8: /);
  assert.match(problems[2] ?? '', /^loop\.yaml cannot be read: ELOOP/);
  assert.match(problems[3] ?? '', /^utf16\.yaml is not UTF-8, but UTF-16: /);
  await source.close();
});

test('links to folders are followed, each folder once; a mounted ConfigMap is read once', async () => {
  const path = folder();
  const other = folder();
  writeFileSync(join(other, 'a.yaml'), configMap('a'));
  symlinkSync(other, join(path, 'other'));
  symlinkSync(path, join(other, 'back'));
  mkdirSync(join(path, '..2026'));
  writeFileSync(join(path, '..2026', 'b.yaml'), configMap('b'));
  symlinkSync('..2026', join(path, '..data'));
  symlinkSync('..data/b.yaml', join(path, 'b.yaml'));
  const source = await fileSource({
    paths: [path, join(path, 'b.yaml'), `${path}/../${basename(path)}/b.yaml`],
    watch: false,
  });
  assert.deepEqual(names(source), ['a', 'b']);
  assert.deepEqual(source.problems(), []);
  await source.close();
});

test('many objects are applied and deleted at once in a time that grows with their number', async () => {
  const source = overlaySource(await fileSource({ paths: [], watch: false }));
  const text = Array.from({ length: 10_000 }, (_, i) => configMap(`c${i}`)).join('---\n');
  const objects = parseManifest('-', text).entries.map(entry => entry.object);
  const began = process.cpuUsage();
  assert.ok(source.apply(objects).every(outcome => outcome === 'created'));
  assert.equal(names(source).length, 10_000);
  const keys = objects.map(({ apiVersion, kind, metadata: { name } }) => ({
    apiVersion,
    kind,
    namespace: 'default',
    name,
  }));
  assert.ok(source.delete(keys).every(Boolean));
  assert.deepEqual(source.delete(keys.slice(0, 1)), [false]);
  assert.deepEqual(names(source), []);
  const { user, system } = process.cpuUsage(began);
  assert.ok((user + system) / 1e6 < 5, `${(user + system) / 1e6} s of CPU`);
  await source.close();
});

test('a problem has the place of its field', () => {
  const { entries, problems } = parseManifest(
    'x.yaml',
    `${configMap('fine')}---
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
    - {name: a, port: 80}
    - name: b
      port: 99999
      extra: 1
`,
  );
  assert.equal(entries.length, 1);
  assert.deepEqual(
    problems.map(({ line, column, severity }) => [line, column, severity]).sort(),
    [
      [16, 13, 'error'],
      [17, 14, 'warning'],
    ].sort(),
  );
  const origin = entries[0]?.origin;
  assert.deepEqual(origin?.positionOf(['metadata']), { line: 3, column: 1 });
  assert.deepEqual(origin?.positionOf(['metadata', 'name', 'deeper']), { line: 4, column: 9 });
});

test('one object in two places is a warning', async () => {
  const path = folder();
  writeFileSync(join(path, 'a.yaml'), configMap('a', 'one'));
  writeFileSync(join(path, 'b.yaml'), configMap('a', 'two'));
  const source = await fileSource({ paths: [path], watch: false });
  assert.equal(value(source, 'a'), 'two');
  assert.match(source.problems()[0]?.message ?? '', /takes the place of the one at .*a\.yaml:1/);
  await source.close();
});

test('what is applied lies over the files until they change', async () => {
  const path = folder();
  const file = join(path, 'a.yaml');
  writeFileSync(file, configMap('a', 'file'));
  const source = overlaySource(await fileSource({ paths: [path], watch: true }));
  const object = (name: string, text: string) =>
    parseManifest('-', configMap(name, text)).entries.map(entry => entry.object);
  assert.deepEqual(source.apply(object('a', 'file')), ['unchanged']);
  assert.deepEqual(source.apply(object('a', 'applied')), ['configured']);
  assert.deepEqual(source.apply(object('b', 'applied')), ['created']);
  assert.deepEqual([value(source, 'a'), value(source, 'b')], ['applied', 'applied']);
  const key = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name });
  assert.deepEqual(source.delete([key('a'), key('none')]), [true, false]);
  assert.deepEqual(names(source), ['b']);
  const changed = nextChange(source);
  writeFileSync(file, configMap('a', 'edited'));
  await changed;
  assert.equal(value(source, 'a'), 'edited');
  assert.equal(value(source, 'b'), 'applied');
  assert.deepEqual(source.delete([key('b')]), [true]);
  assert.deepEqual(names(source), ['a']);
  await source.close();
});

test('edits that never pause are taken up all the same, and never as the empty file that an editor leaves for a moment', async () => {
  const path = folder();
  const file = join(path, 'a.yaml');
  writeFileSync(file, configMap('a', 'v0'));
  const source = await fileSource({ paths: [path], watch: true });
  const seen: (string | undefined)[] = [];
  const stop = source.onChange(() => seen.push(value(source, 'a')));
  let last = 0;
  const writing = setInterval(() => writeFileSync(file, configMap('a', `v${++last}`)), 15);
  while (seen.length < 3) await nextChange(source);
  clearInterval(writing);
  assert.ok(!seen.includes(undefined), `${seen}`);
  while (value(source, 'a') !== `v${last}`) await nextChange(source);
  stop();
  await source.close();
});

test('a folder that is removed, replaced by another or made anew is watched all the same', async () => {
  const path = join(folder(), 'deep', 'manifests');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'a.yaml'), configMap('a', 'v1'));
  const source = await fileSource({ paths: [path], watch: true });

  const fresh = `${path}-fresh`;
  mkdirSync(fresh);
  writeFileSync(join(fresh, 'a.yaml'), configMap('a', 'v2'));
  renameSync(path, `${path}-old`);
  renameSync(fresh, path);
  await nextChange(source);
  assert.equal(value(source, 'a'), 'v2');
  writeFileSync(join(path, 'a.yaml'), configMap('a', 'v3'));
  await nextChange(source);
  assert.equal(value(source, 'a'), 'v3');

  rmSync(join(path, '..'), { recursive: true });
  await nextChange(source);
  assert.equal(value(source, 'a'), 'v3', 'the last objects are kept');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'a.yaml'), configMap('a', 'v4'));
  await nextChange(source);
  assert.equal(value(source, 'a'), 'v4');
  writeFileSync(join(path, 'a.yaml'), configMap('a', 'v5'));
  await nextChange(source);
  assert.equal(value(source, 'a'), 'v5');
  await source.close();
});
