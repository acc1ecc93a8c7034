import { once } from 'node:events';
import { relative } from 'node:path';
import { conformanceArguments } from './arguments.ts';
import { reportPath, runConformance } from './run.ts';

/**
 * `npm run conformance -- --plane embedded|envoy --suite gateway|inference [--run TEST] [--timeouts NAME:SECONDS;…]`:
 * an official conformance suite against Breakwater on the cluster lab.
 */
const options = conformanceArguments(process.argv.slice(2));
const began = performance.now();
const interrupted = Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map(signal => once(process, signal)));
void interrupted.then(() => process.exit(130));
const { results, code } = await runConformance(options, line => console.log(line));
if (results.tests.length === 0) for (const line of results.setup.slice(-40)) console.log(line);
const [passed, failed, skipped] = [
  results.count('passed'),
  results.count('failed'),
  results.count('skipped'),
];
const minutes = ((performance.now() - began) / 60_000).toFixed(1);
if (options.run === undefined) console.log(`report: ${relative(process.cwd(), reportPath(options))}`);
console.log(`${passed} passed, ${failed} failed (${skipped} not run, ${minutes} min)`);
process.exit(code === 0 && failed === 0 && passed > 0 ? 0 : 1);
