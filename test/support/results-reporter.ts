import { resolve } from 'node:path';

interface Event {
  readonly type: string;
  readonly data: {
    readonly name?: string;
    readonly file?: string;
    readonly success?: boolean;
    readonly counts?: object;
    readonly duration_ms?: number;
  };
}

/** A reporter of node:test for programs: a line of JSON for each test that failed and for each file, then one with the counts. `readResults` reads it. */
export default async function* report(source: AsyncIterable<Event>): AsyncGenerator<string> {
  for await (const { type, data } of source) {
    // The file is where the test is written, which may be a helper that others import; one that crashed fails under its own name.
    if (type === 'test:fail') {
      yield `${JSON.stringify({ failed: `${data.file}: ${data.name}` })}\n`;
      if (data.file !== undefined && resolve(data.name ?? '') === data.file)
        yield `${JSON.stringify({ file: data.file, success: false, durationMs: 0 })}\n`;
    }
    if (type !== 'test:summary') continue;
    const { file, success, counts, duration_ms: durationMs } = data;
    yield `${JSON.stringify(file === undefined ? { counts, durationMs } : { file, success, durationMs })}\n`;
  }
}
