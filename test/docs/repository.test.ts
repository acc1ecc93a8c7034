import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fences, page, root, table } from './markdown.ts';

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => join('docs', name)),
];

test('dependencies.md has a line for each dependency', () => {
  const manifest = JSON.parse(page('package.json')) as Record<string, Record<string, string>>;
  const names = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap(field =>
    Object.keys(manifest[field] ?? {}),
  );
  const rows = table(page('docs/reference/dependencies.md'));
  assert.deepEqual(rows.map(([name]) => name).sort(), names.sort());
  for (const [name, ...cells] of rows) assert.ok(cells.length === 3 && !cells.includes(''), name);
  const development = rows.filter(([, , , cost]) => cost === 'development only').map(([name]) => name);
  assert.deepEqual(development.sort(), Object.keys(manifest['devDependencies'] ?? {}).sort());
});

test('links lead somewhere', () => {
  const broken: string[] = [];
  for (const path of pages) {
    const text = page(path).replaceAll(/^```.*?^```/gms, '');
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const found = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(root, found))) broken.push(`${path}: ${target}`);
      else if (anchor !== undefined && !anchors(found).has(anchor)) broken.push(`${path}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});

/** GitHub's: lower case, spaces to hyphens, punctuation left out; and those that are written out. */
function anchors(path: string): Set<string> {
  const text = page(path);
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]*)">/g)].map(([, id = '']) => id)]);
}

test('the README names every page of the documentation', () => {
  const readme = page('README.md');
  for (const path of pages.filter(name => name !== 'README.md'))
    assert.ok(readme.includes(`](${relative('.', path)}`), path);
});

test('npm scripts that are written of exist', () => {
  const { scripts } = JSON.parse(page('package.json')) as { scripts: Record<string, string> };
  for (const path of pages)
    for (const { info, text } of fences(page(path)))
      if (info === 'sh')
        for (const [, name = ''] of text.matchAll(/^npm (?:run )?(test|lint|bench)\b/gm))
          assert.ok(name in scripts, `${path}: ${name}`);
});

test('.ci/run runs the tests as the README says', () => {
  assert.match(page('README.md'), /^npm test$/m);
  assert.match(
    readFileSync(join(root, '.ci', 'run'), 'utf8'),
    /npm ci.*\nnpm run lint\n[\s\S]*\nrun test npm test /,
  );
});

test('examples/circuit-breaking/ has the manifests of the page that it is about, byte for byte', () => {
  const folder = join(root, 'examples', 'circuit-breaking');
  const hashes = readdirSync(folder).map(name => [
    name,
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex')
      .slice(0, 16),
  ]);
  assert.deepEqual(Object.fromEntries(hashes), {
    'gateway.yaml': '22d25b466fb4b156',
    'inference_app.yaml': '5fcaaf552b4e5b69',
    'inference_rules.yaml': 'db0dd413d203a57e',
    'sleep.yaml': 'f2d2e25f39b9d8c3',
  });
});
