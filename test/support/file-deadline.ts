import { writeSync } from 'node:fs';
import { getActiveResourcesInfo } from 'node:process';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded before each file of tests: a file that does not end, because a test that failed left a server or a load behind, fails
 * with what holds it. node:test bounds its tests and not its processes.
 */
const DEADLINE_MS = Number(process.env['TEST_FILE_DEADLINE_MS'] ?? 600_000);

if (isMainThread && process.env['NODE_TEST_CONTEXT'] !== undefined) {
  setTimeout(() => {
    const held = [...new Set(getActiveResourcesInfo())].join(', ');
    writeSync(2, `${process.argv[1]} does not end within ${DEADLINE_MS / 1000} s; it is held by ${held}\n`);
    process.exit(1);
  }, DEADLINE_MS).unref();
}
