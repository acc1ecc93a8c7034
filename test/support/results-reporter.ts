interface Event {
  readonly type: string;
  readonly data: {
    readonly name?: string;
    readonly file?: string;
    readonly counts?: object;
    readonly duration_ms?: number;
  };
}

/** A reporter of node:test for programs: a line of JSON for each test that failed, then one with the counts. `readResults` reads it. */
export default async function* report(source: AsyncIterable<Event>): AsyncGenerator<string> {
  for await (const { type, data } of source) {
    if (type === 'test:fail') yield `${JSON.stringify({ failed: { file: data.file, name: data.name } })}\n`;
    // There is also a summary of each file.
    if (type === 'test:summary' && data.file === undefined)
      yield `${JSON.stringify({ counts: data.counts, durationMs: data.duration_ms })}\n`;
  }
}
