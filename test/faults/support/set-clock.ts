/**
 * Preloaded into a process: its wall clock is off by the milliseconds in the file that BREAKWATER_TEST_CLOCK names,
 * in every thread, as when somebody sets the machine's clock. Timers and monotonic clocks are not touched, as then.
 */
import { readFileSync } from 'node:fs';

const file = process.env['BREAKWATER_TEST_CLOCK'];
const real = Date.now.bind(Date);
let offsetMs = 0;
let readAtMs = Number.NEGATIVE_INFINITY;

if (file !== undefined)
  Date.now = () => {
    if (performance.now() - readAtMs > 10) {
      readAtMs = performance.now();
      offsetMs = Number(readFileSync(file, 'utf8'));
    }
    return real() + offsetMs;
  };
