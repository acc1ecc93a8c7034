import { Counter, Gauge, Histogram, type Labels } from './family.ts';

/** Makes `vllm:*` families with common labels, and finds their series again by name when something happens. */
export class FamilyBuilder {
  readonly #labels: Labels;
  readonly #now: () => number;
  readonly #counters = new Map<string, { value: number }>();
  readonly #histograms = new Map<string, { observe(value: number): void }>();

  /** @param now Unix time in seconds. */
  constructor(labels: Labels, now: () => number) {
    this.#labels = labels;
    this.#now = now;
  }

  add(name: string, value: number): void {
    this.#counters.get(name)!.value += value;
  }

  observe(name: string, value: number): void {
    this.#histograms.get(name)!.observe(value);
  }

  /** A counter, one series for each value of `label` if there is one; found again as `name` or `name/value`. */
  counter(
    name: string,
    help: string,
    label?: string,
    values: readonly string[] = [''],
    base = this.#labels,
  ): Counter {
    const series = values.map(value => (label === undefined ? base : [...base, [label, value] as const]));
    const counter = new Counter(`vllm:${name}`, help, this.#now, series);
    values.forEach((value, index) => {
      this.#counters.set(label === undefined ? name : `${name}/${value}`, counter.of(series[index]!));
    });
    return counter;
  }

  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const histogram = new Histogram(`vllm:${name}`, help, bounds, this.#now, [this.#labels]);
    this.#histograms.set(name, histogram.of(this.#labels));
    return histogram;
  }

  gauge(
    name: string,
    help: string,
    read: () => number,
    label?: string,
    readers?: Readonly<Record<string, () => number>>,
  ): Gauge {
    const series =
      readers === undefined || label === undefined
        ? [[this.#labels, read] as const]
        : Object.entries(readers).map(
            ([value, of]) => [[...this.#labels, [label, value] as const], of] as const,
          );
    return new Gauge(`vllm:${name}`, help, series);
  }
}
