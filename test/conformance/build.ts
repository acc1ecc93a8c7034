import { buildAll } from '../cluster/lab/binaries.ts';
import { suiteProgram } from './run.ts';
import { SUITE_NAMES } from './suites.ts';

/** `npm run build:lab`: all that the cluster tests and the suites run, so that nothing waits for it later. */
const progress = (line: string) => console.log(line);
await buildAll(progress);
for (const name of SUITE_NAMES) await suiteProgram(name, progress);
