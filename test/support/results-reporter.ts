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

/** A reporter of node:test for programs: a line of JSON for each test and each file that failed, then one with the counts. `readResults` reads it. */
export default async function* report(source: AsyncIterable<Event>): AsyncGenerator<string> {
  for await (const { type, data } of source) {
    // The file is where the test is written, which may be a helper that others import; one that crashed fails under its own name.
    if (type === 'test:fail') {
      yield `${JSON.stringify({ failed: `${data.file}: ${data.name}` })}\n`;
      if (data.file !== undefined && resolve(data.name ?? '') === data.file)
        yield `${JSON.stringify({ failedFile: data.file })}\n`;
    }
    if (type !== 'test:summary') continue;
    const { file, success, counts, duration_ms: durationMs } = data;
    if (file === undefined) yield `${JSON.stringify({ counts, durationMs })}\n`;
    else if (success === false) yield `${JSON.stringify({ failedFile: file })}\n`;
  }
}
