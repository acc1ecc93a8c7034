import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { type Fence, fences, page, root } from '../docs/markdown.ts';
import { Workplace } from '../e2e/cli-process.ts';
import { until } from '../support/until.ts';
import { CRD_GROUPS, SOURCES } from './lab/crds.ts';
import { Lab, labImages } from './lab/index.ts';

/**
 * docs/guides/kubernetes.md, as a reader does it, with a real kubectl. There is no kubelet that `kubectl exec` could ask: that
 * one is done by the lab. CRDs are there already, of the versions that the page names.
 */
const PLANE = 'embedded';
const PATIENCE_MS = 120_000;
const OVERFLOW = 'upstream connect error or disconnect/reset before headers. reset reason: overflow';

const run = promisify(execFile);
const blocks = fences(page('docs/guides/kubernetes.md'));
const place = new Workplace();
let lab: Lab;

before(async () => {
  lab = await Lab.start({ images: labImages });
});
after(async () => {
  await place.close();
  await lab?.stop();
});

/** Standard output of a block, in the repository's folder. */
async function shell(text: string, exports = ''): Promise<string> {
  const plane = text.replaceAll('breakwater install', `breakwater install --plane ${PLANE}`);
  const npx = `npx() { shift; "${process.execPath}" bin/breakwater.js "$@"; }`;
  const env = { ...place.env, KUBECONFIG: lab.kubeconfig };
  const script = `set -e\n${npx}\n${exports}${plane}`;
  return (await run('sh', ['-c', script], { cwd: root, env, timeout: 300_000 })).stdout;
}

function block(info: string): string {
  return blocks.find(each => each.info === info)!.text;
}

test('the CRDs are those that all is tested with', () => {
  const named = [...block('sh crds').matchAll(/github\.com\/(\S+?)\/releases\/download\/(v[\d.]+)\//g)].map(
    ([, repository = '', version]) => `${repository.split('/')[1]}@${version}`,
  );
  const tested = CRD_GROUPS.map(group => SOURCES[group].module).map(module =>
    module.slice(module.lastIndexOf('/') + 1),
  );
  assert.deepEqual(named.sort(), [...new Set(tested)].sort());
});

test('installed, deployed, tried and uninstalled', async t => {
  let exports = '';
  const isLast = ({ info }: Fence) => info === 'sh uninstall';
  // What there is to look at is looked at while it is there.
  for (const { info, text } of [...blocks.filter(each => !isLast(each)), ...blocks.filter(isLast)]) {
    if (!/^sh\b/.test(info) || info === 'sh crds') continue;
    await t.test(text.split('\n', 1)[0], async () => {
      if (info === 'sh exec') await overflow(text, exports);
      else await shell(text);
      if (text.startsWith('export ')) exports += text;
    });
  }
  await until(
    'all that was installed is gone',
    async () => {
      const left = await shell(
        'kubectl get deployments,services,clusterroles -A -l app.kubernetes.io/name=breakwater -o name',
      );
      return left === '' ? true : undefined;
    },
    PATIENCE_MS,
  );
});

/** Two at a time, of which the page lets one through. */
async function overflow(text: string, exports: string): Promise<void> {
  const address = await shell('echo $GATEWAY_ADDRESS', exports);
  const command = text.slice(text.indexOf(' -- ') + 4).replaceAll(/\$\{GATEWAY_ADDRESS\}/g, address.trim());
  const ask = async () =>
    (await lab.exec('default', 'deployment/sleep', ['sh', '-c', command])).stdout.trim();
  await until(
    'a chat completion',
    async () => ((await ask()).includes('"choices"') ? true : undefined),
    PATIENCE_MS,
  );
  await until(
    'an answer and an overflow',
    async () => {
      const answers = await Promise.all([ask(), ask()]);
      return answers.includes(OVERFLOW) && answers.some(answer => answer.includes('"choices"'))
        ? true
        : undefined;
    },
    PATIENCE_MS,
  );
}
