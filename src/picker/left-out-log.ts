import type { LeftOut } from '../plan/index.ts';

/** Of a change of the plan; what more there is the statuses say. */
const MAX_LINES = 20;

type Write = (message: string, severity: 'error') => void;

/** Tells of the parts of a plan that are not served: once each, as long as they are left out. */
export class LeftOutLog {
  readonly #write: Write;
  #said: ReadonlySet<string> = new Set();

  constructor(write: Write) {
    this.#write = write;
  }

  /** @param leftOut all of it */
  tell(leftOut: readonly LeftOut[]): void {
    const texts = new Set(leftOut.map(leftOutText));
    const fresh = [...texts].filter(text => !this.#said.has(text));
    this.#said = texts;
    for (const text of fresh.slice(0, MAX_LINES)) this.#write(text, 'error');
    const more = fresh.length - MAX_LINES;
    if (more > 0) this.#write(`${more} more parts of the plan are not served: statuses name them`, 'error');
  }
}

function leftOutText({ source, rule, listener, message, unmatched }: LeftOut): string {
  const object = `${source.kind} ${source.namespace}/${source.name}`;
  if (listener !== undefined) return `listener ${listener} of ${object} is not served: ${message}`;
  if (unmatched)
    return `rule ${rule} of ${object} cannot be matched, its requests go to what else matches or get 404: ${message}`;
  if (rule !== undefined)
    return `rule ${rule} of ${object} cannot be served, requests for it get 500: ${message}`;
  return `${object} cannot be applied, requests for what it targets get 500: ${message}`;
}
