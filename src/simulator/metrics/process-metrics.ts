import type { Family } from './family.ts';
import { sampleValue } from './python-float.ts';

/** The families that Python's client adds of itself, as far as they mean something here: figures are of a model server's size. */
export class ProcessMetrics implements Family {
  readonly #startedAtSeconds: number;
  readonly #cpuSeconds: () => number;

  constructor(startedAtSeconds: number, cpuSeconds: () => number) {
    this.#startedAtSeconds = startedAtSeconds;
    this.#cpuSeconds = cpuSeconds;
  }

  write(lines: string[]): void {
    generations(lines, 'python_gc_objects_collected', 'Objects collected during gc', [14896, 2680, 694]);
    generations(lines, 'python_gc_objects_uncollectable', 'Uncollectable objects found during GC', [0, 0, 0]);
    generations(
      lines,
      'python_gc_collections',
      'Number of times this generation was collected',
      [1763, 160, 10],
    );
    lines.push(
      '# HELP python_info Python platform information',
      '# TYPE python_info gauge',
      'python_info{implementation="CPython",major="3",minor="11",patchlevel="7",version="3.11.7"} 1.0',
    );
    gauge(lines, 'process_virtual_memory_bytes', 'Virtual memory size in bytes.', 4.737789952e9);
    gauge(lines, 'process_resident_memory_bytes', 'Resident memory size in bytes.', 1.056350208e9);
    gauge(
      lines,
      'process_start_time_seconds',
      'Start time of the process since unix epoch in seconds.',
      this.#startedAtSeconds,
    );
    lines.push(
      '# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.',
      '# TYPE process_cpu_seconds_total counter',
      `process_cpu_seconds_total ${sampleValue(this.#cpuSeconds())}`,
    );
    gauge(lines, 'process_open_fds', 'Number of open file descriptors.', 40);
    gauge(lines, 'process_max_fds', 'Maximum number of open file descriptors.', 20000);
  }
}

function generations(lines: string[], name: string, help: string, values: readonly number[]): void {
  lines.push(`# HELP ${name}_total ${help}`, `# TYPE ${name}_total counter`);
  values.forEach((value, generation) => {
    lines.push(`${name}_total{generation="${generation}"} ${sampleValue(value)}`);
  });
}

function gauge(lines: string[], name: string, help: string, value: number): void {
  lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${sampleValue(value)}`);
}
