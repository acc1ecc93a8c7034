import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cpuLimit, threadsFor } from './cpu-limit.ts';

const files = (texts: Record<string, string>) => (path: string) => texts[path];

test("a container on a node with 96 cores has its limit's threads, or 4 without one", () => {
  assert.equal(threadsFor(cpuLimit(files({ '/sys/fs/cgroup/cpu.max': '200000 100000\n' })), 96), 2);
  assert.equal(threadsFor(cpuLimit(files({ '/sys/fs/cgroup/cpu.max': 'max 100000\n' })), 96), 4);
  assert.equal(threadsFor(cpuLimit(files({})), 96), 4);
  assert.equal(threadsFor(undefined, 2), 2);
  assert.equal(threadsFor(16, 8), 8);
  assert.equal(threadsFor(2.5, 8), 2);
  assert.equal(threadsFor(0.2, 8), 1);
});

test('version 2: the limit of any cgroup above counts, where the whole tree is mounted', () => {
  const read = files({
    '/proc/self/cgroup': '0::/kubepods.slice/pod1/c1\n',
    '/sys/fs/cgroup/kubepods.slice/pod1/cpu.max': '150000 100000',
    '/sys/fs/cgroup/kubepods.slice/pod1/c1/cpu.max': 'max 100000',
  });
  assert.equal(cpuLimit(read), 1.5);
});

test('version 1: quota and period, in the own folder or in the root that a container has mounted', () => {
  const self = '4:cpu,cpuacct:/docker/abc\n3:cpuset:/\n';
  for (const folder of ['/sys/fs/cgroup/cpu/docker/abc', '/sys/fs/cgroup/cpu,cpuacct']) {
    const own = { [`${folder}/cpu.cfs_quota_us`]: '300000\n', [`${folder}/cpu.cfs_period_us`]: '100000\n' };
    assert.equal(cpuLimit(files({ '/proc/self/cgroup': self, ...own })), 3);
  }
  const none = {
    '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1',
    '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
  };
  assert.equal(cpuLimit(files(none)), undefined);
});

test('whatever the files say, there is at least one thread, and never more than cores', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('', 'max', 'max 0', '0 0', '1 0', '0 1', '100000 100000', '99999999999999999999 1'),
  );
  fc.assert(
    fc.property(text, text, fc.integer({ min: 1, max: 512 }), (own, max, cores) => {
      const threads = threadsFor(
        cpuLimit(path => (path.endsWith('cgroup') ? own : max)),
        cores,
      );
      assert.ok(Number.isInteger(threads) && threads >= 1 && threads <= cores);
    }),
  );
});
