import { type Family, labelText } from './family.ts';
import { sampleValue } from './python-float.ts';

const NAME = 'vllm:lora_requests_info';

/** vLLM keeps a series for every combination there ever was; here the oldest go, so that it stays bounded. */
const MAX_SERIES = 64;

/** Which adapters run and wait now. The value is the Unix time of the last change to that combination: the newest series is true. */
export class LoraInfo implements Family {
  readonly #maxLora: number;
  readonly #now: () => number;
  readonly #timeOfLabels = new Map<string, number>();

  constructor(maxLora: number, now: () => number) {
    this.#maxLora = maxLora;
    this.#now = now;
  }

  set(running: string, waiting: string): void {
    const labels = labelText([
      ['max_lora', String(this.#maxLora)],
      ['waiting_lora_adapters', waiting],
      ['running_lora_adapters', running],
    ]);
    this.#timeOfLabels.delete(labels);
    this.#timeOfLabels.set(labels, this.#now());
    if (this.#timeOfLabels.size <= MAX_SERIES) return;
    const [oldest] = this.#timeOfLabels.keys();
    this.#timeOfLabels.delete(oldest!);
  }

  write(lines: string[]): void {
    lines.push(`# HELP ${NAME} Running stats on lora requests.`, `# TYPE ${NAME} gauge`);
    for (const [labels, time] of this.#timeOfLabels) lines.push(`${NAME}${labels} ${sampleValue(time)}`);
  }
}
