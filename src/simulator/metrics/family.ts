import { sampleValue } from './python-float.ts';

export type Labels = readonly (readonly [name: string, value: string])[];

/** A metric family that writes itself in Prometheus's text format, as Python's prometheus_client does. */
export interface Family {
  write(lines: string[]): void;
}

/** `{a="1",b="2"}` with the names sorted, '' without labels. */
export function labelText(labels: Labels): string {
  if (labels.length === 0) return '';
  const sorted = [...labels].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, value]) => `${name}="${escapeValue(value)}"`).join(',')}}`;
}

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function head(lines: string[], name: string, help: string, type: string): void {
  lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
}

/** Written after a counter, histogram or summary: when each of its series began. */
function writeCreated(
  lines: string[],
  name: string,
  help: string,
  series: Iterable<readonly [string, number]>,
): void {
  head(lines, `${name}_created`, help, 'gauge');
  for (const [labels, created] of series) lines.push(`${name}_created${labels} ${sampleValue(created)}`);
}

interface Value {
  value: number;
  readonly created: number;
}

/** A counter; its name has no `_total`. */
export class Counter implements Family {
  readonly #name: string;
  readonly #help: string;
  readonly #now: () => number;
  readonly #series = new Map<string, Value>();

  /** @param now Unix time in seconds. */
  constructor(name: string, help: string, now: () => number, series: readonly Labels[] = []) {
    this.#name = name;
    this.#help = help;
    this.#now = now;
    for (const labels of series) this.of(labels);
  }

  of(labels: Labels): { value: number } {
    const text = labelText(labels);
    let series = this.#series.get(text);
    if (series === undefined) this.#series.set(text, (series = { value: 0, created: this.#now() }));
    return series;
  }

  write(lines: string[]): void {
    head(lines, `${this.#name}_total`, this.#help, 'counter');
    for (const [labels, { value }] of this.#series)
      lines.push(`${this.#name}_total${labels} ${sampleValue(value)}`);
    const created = [...this.#series].map(([labels, series]) => [labels, series.created] as const);
    writeCreated(lines, this.#name, this.#help, created);
  }
}

/** A gauge whose values are read when it is written. */
export class Gauge implements Family {
  readonly #name: string;
  readonly #help: string;
  readonly #series: readonly (readonly [string, () => number])[];

  constructor(name: string, help: string, series: readonly (readonly [Labels, () => number])[]) {
    this.#name = name;
    this.#help = help;
    this.#series = series.map(([labels, read]) => [labelText(labels), read] as const);
  }

  write(lines: string[]): void {
    head(lines, this.#name, this.#help, 'gauge');
    for (const [labels, read] of this.#series) lines.push(`${this.#name}${labels} ${sampleValue(read())}`);
  }
}

class HistogramSeries {
  readonly created: number;
  readonly counts: Float64Array;
  sum = 0;
  readonly bucketHeads: readonly string[];
  readonly labels: string;
  readonly #bounds: readonly number[];

  constructor(name: string, bounds: readonly number[], labels: Labels, created: number) {
    this.created = created;
    this.#bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
    this.labels = labelText(labels);
    this.bucketHeads = [...bounds, Number.POSITIVE_INFINITY].map(
      bound => `${name}_bucket${labelText([...labels, ['le', sampleValue(bound)]])} `,
    );
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > this.#bounds[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sum += value;
  }
}

export class Histogram implements Family {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #now: () => number;
  readonly #series = new Map<string, HistogramSeries>();

  constructor(
    name: string,
    help: string,
    bounds: readonly number[],
    now: () => number,
    series: readonly Labels[] = [],
  ) {
    this.#name = name;
    this.#help = help;
    this.#bounds = bounds;
    this.#now = now;
    for (const labels of series) this.of(labels);
  }

  of(labels: Labels): { observe(value: number): void } {
    const text = labelText(labels);
    let series = this.#series.get(text);
    if (series === undefined)
      this.#series.set(text, (series = new HistogramSeries(this.#name, this.#bounds, labels, this.#now())));
    return series;
  }

  write(lines: string[]): void {
    head(lines, this.#name, this.#help, 'histogram');
    for (const series of this.#series.values()) {
      let count = 0;
      for (let bucket = 0; bucket < series.counts.length; bucket++) {
        count += series.counts[bucket]!;
        lines.push(series.bucketHeads[bucket]! + sampleValue(count));
      }
      lines.push(`${this.#name}_count${series.labels} ${sampleValue(count)}`);
      lines.push(`${this.#name}_sum${series.labels} ${sampleValue(series.sum)}`);
    }
    const created = [...this.#series].map(([labels, series]) => [labels, series.created] as const);
    writeCreated(lines, this.#name, this.#help, created);
  }
}

/** A summary without quantiles: count and sum. */
export class Summary implements Family {
  readonly #name: string;
  readonly #help: string;
  readonly #now: () => number;
  readonly #series = new Map<string, { count: number; sum: number; readonly created: number }>();

  constructor(name: string, help: string, now: () => number) {
    this.#name = name;
    this.#help = help;
    this.#now = now;
  }

  observe(labels: Labels, value: number): void {
    const text = labelText(labels);
    let series = this.#series.get(text);
    if (series === undefined) this.#series.set(text, (series = { count: 0, sum: 0, created: this.#now() }));
    series.count++;
    series.sum += value;
  }

  write(lines: string[]): void {
    head(lines, this.#name, this.#help, 'summary');
    for (const [labels, { count, sum }] of this.#series)
      lines.push(
        `${this.#name}_count${labels} ${sampleValue(count)}`,
        `${this.#name}_sum${labels} ${sampleValue(sum)}`,
      );
    const created = [...this.#series].map(([labels, series]) => [labels, series.created] as const);
    writeCreated(lines, this.#name, this.#help, created);
  }
}
