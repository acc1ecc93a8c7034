import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/breakwater.js', import.meta.url));

class Run {
  readonly child: ChildProcessWithoutNullStreams;
  stdout = '';
  stderr = '';

  constructor(context: TestContext, ...args: string[]) {
    this.child = spawn(process.execPath, [BIN, 'simulate', ...args]);
    this.child.stdout.on('data', chunk => (this.stdout += chunk));
    this.child.stderr.on('data', chunk => (this.stderr += chunk));
    context.after(() => this.child.kill('SIGKILL'));
  }

  async url(): Promise<string> {
    for (;;) {
      const found = /on (http:\S+)\n/.exec(this.stdout)?.[1];
      if (found !== undefined) return found;
      const [event] = await Promise.race([
        once(this.child.stdout, 'data').then(() => ['data']),
        once(this.child, 'exit').then(() => ['exit']),
      ]);
      if (event === 'exit') throw new Error(this.stderr);
    }
  }

  async ended(): Promise<number | null> {
    await once(this.child, 'close');
    return this.child.exitCode;
  }
}

test("the page's command line runs by hand, and ends at a signal", async context => {
  const run = new Run(
    context,
    ...['--port', '0', '--', 'python3', '-m', 'vllm.entrypoints.openai.api_server'],
    ...['--model', '/model/llama2', '--tensor-parallel-size', '1', '--port', '8000'],
    ...['--gpu_memory_utilization', '0.8', '--enable-lora', '--max-loras', '4', '--max-cpu-loras', '12'],
    ...['--lora-modules', 'sql-lora=/adapters/a', 'sql-lora-1=/adapters/b', '--new-flag', 'x'],
    ...['--chat-template', '/nowhere/llama-2-chat.jinja'],
  );
  const url = await run.url();
  const { data } = (await (await fetch(`${url}/v1/models`)).json()) as {
    data: { id: string; parent: string | null }[];
  };
  assert.deepEqual(
    data.map(({ id, parent }) => [id, parent]),
    [
      ['/model/llama2', null],
      ['sql-lora', '/model/llama2'],
      ['sql-lora-1', '/model/llama2'],
    ],
  );
  assert.match(run.stderr, /flags without a meaning here: --new-flag/);
  assert.match(run.stderr, /no chat template at \/nowhere\/llama-2-chat\.jinja/);
  run.child.kill('SIGTERM');
  assert.equal(await run.ended(), 0);
});

test('what cannot start is told in one sentence', async context => {
  const table: readonly (readonly [string[], RegExp])[] = [
    [['--', 'nginx'], /^error: "nginx" is not known \[BW_UNKNOWN_MODEL_SERVER\]/],
    [
      ['--', 'vllm', 'serve', 'm', '--max-model-len', 'x'],
      /would not start: argument --max-model-len: invalid int value: 'x' \[BW_USAGE\]/,
    ],
    [
      ['--port', '99999', '--', 'vllm', 'serve', 'm'],
      /--port 99999: expected a number up to 65535 \[BW_USAGE\]/,
    ],
    [
      ['--address', '192.0.2.1', '--', 'vllm', 'serve', 'm'],
      /192\.0\.2\.1:8000 is not an address of this machine \[BW_ADDRESS_IN_USE\]/,
    ],
  ];
  await Promise.all(
    table.map(async ([args, message]) => {
      const run = new Run(context, ...args);
      assert.equal(await run.ended(), 1);
      assert.match(run.stderr, message);
      assert.doesNotMatch(run.stderr, /\n {4}at /);
    }),
  );
});
