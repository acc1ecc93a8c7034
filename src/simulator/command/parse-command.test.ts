import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandLineError } from '../simulator-options.ts';
import { parseVllmCommand } from './parse-command.ts';

const PYTHON = ['python3', '-m', 'vllm.entrypoints.openai.api_server'];
const parse = (...args: string[]) => parseVllmCommand(PYTHON, args)!;

test("the page's command line is read whole", () => {
  const { options, unknownFlags } = parse(
    ...[
      '--model',
      '/model/llama2',
      '--tensor-parallel-size',
      '1',
      '--port',
      '8000',
      '--gpu_memory_utilization',
      '0.8',
    ],
    ...['--enable-lora', '--max-loras', '4', '--max-cpu-loras', '12', '--lora-modules'],
    ...['sql-lora=/adapters/a', 'tweet=/adapters/b', '--chat-template', '/etc/vllm/llama-2-chat.jinja'],
  );
  assert.deepEqual(unknownFlags, []);
  assert.equal(options.model, '/model/llama2');
  assert.equal(options.gpuMemoryUtilization, 0.8);
  assert.equal(options.enableLora, true);
  assert.equal(options.maxLoras, 4);
  assert.equal(options.maxCpuLoras, 12);
  assert.deepEqual(
    options.loraModules.map(({ name, path }) => [name, path]),
    [
      ['sql-lora', '/adapters/a'],
      ['tweet', '/adapters/b'],
    ],
  );
  assert.equal(options.chatTemplate, '/etc/vllm/llama-2-chat.jinja');
});

test('every way to write a flag means the same', () => {
  for (const words of [['--max-model-len', '2048'], ['--max_model_len=2048'], ['--max-model-len=2K']])
    assert.equal(parse(...words).options.maxModelLen, 2048);
  assert.equal(parse('--max-model-len', '8k').options.maxModelLen, 8000);
  assert.equal(parse('--no-enable-prefix-caching').options.enablePrefixCaching, false);
  assert.equal(parse('--enable-prefix-caching').options.enablePrefixCaching, true);
  assert.equal(parse('-tp', '2', '-pp=2').options.gpus, 4);
  assert.deepEqual(parse('--served-model-name', 'a', 'b', '--seed', '-3').options.servedModelNames, [
    'a',
    'b',
  ]);
});

test('adapters are also read from JSON', () => {
  const [lora] = parse('--lora-modules', '{"name":"a","path":"/b","base_model_name":"c"}').options
    .loraModules;
  assert.deepEqual(lora, { name: 'a', path: '/b', baseModelName: 'c' });
  assert.throws(() => parse('--lora-modules', 'nonsense'), CommandLineError);
});

test('unknown flags are accepted and listed as they were written', () => {
  const { unknownFlags, options } = parse(
    '--dtype',
    'auto',
    '--trust_remote_code',
    '--new-thing=3',
    '--port',
    '81',
  );
  assert.deepEqual(unknownFlags, ['--dtype', '--trust_remote_code', '--new-thing']);
  assert.equal(options.port, 81);
});

test('vllm serve, shells and variables', () => {
  const model = (command: string[], args: string[] = [], environment = {}) =>
    parseVllmCommand(command, args, { environment })?.options.model;
  assert.equal(model(['vllm', 'serve', 'org/model', '--dtype', 'auto']), 'org/model');
  assert.equal(model(['/usr/bin/vllm'], ['serve', '--trust-remote-code', 'org/model']), 'org/model');
  assert.equal(model(['/bin/sh', '-c'], ['ulimit -n 9 && exec vllm serve "my model" -tp=2']), 'my model');
  assert.equal(
    model(['bash', '-lc', 'A=1 python3 -u -m vllm.entrypoints.openai.api_server \\\n --model $M'], [], {
      M: 'x',
    }),
    'x',
  );
  assert.equal(model(['sh', '-c', 'exec "$@"', 'sh', 'vllm', 'serve', 'y']), 'y');
  assert.equal(model(['vllm'], ['serve', '$(MODEL)'], { MODEL: 'z' }), 'z');
  assert.equal(model(['vllm', 'serve', '-O3', 'm']), 'm');
  assert.equal(model(['vllm', 'serve', '--no-enable-log-requests', '--async-scheduling', 'm']), 'm');
  assert.equal(model(['/usr/bin/dumb-init', '--', 'uv', 'run', 'vllm', 'serve', 'm']), 'm');
  const script = `# it's a comment with a quote
    set -e; pip install x >/dev/null 2>&1 || true
    vllm serve "\${NAME:-org/fallback}" --port \${PORT} # another one's`;
  assert.equal(model(['sh', '-c', script], [], { PORT: '81' }), 'org/fallback');
  assert.equal(parseVllmCommand(['sh', '-c', script], [], { environment: { PORT: '81' } })?.options.port, 81);
  assert.equal(
    parseVllmCommand([], ['--model', 'm'], { image: 'vllm/vllm-openai:v0.9' })?.options.model,
    'm',
  );
});

test('other model servers are read in their own words', () => {
  const sglang = parseVllmCommand(
    ['python', '-m', 'sglang.launch_server'],
    ['--model-path', 'm', '--tp', '2', '--max-running-requests', '8'],
  )!;
  assert.equal(sglang.options.dialect, 'sglang');
  assert.equal(sglang.options.model, 'm');
  assert.equal(sglang.options.port, 30000);
  assert.equal(sglang.options.gpus, 2);
  assert.equal(sglang.options.maxNumSeqs, 8);
  const paths = parseVllmCommand(['python', '-m', 'sglang.launch_server', '--lora-paths', 'a=/x', '/y'], [])!;
  assert.deepEqual(
    paths.options.loraModules.map(({ name, path }) => [name, path]),
    [
      ['a', '/x'],
      ['/y', '/y'],
    ],
  );
  const tensorrt = parseVllmCommand(['trtllm-serve', 'm', '--max_batch_size', '4'], [])!;
  assert.equal(tensorrt.options.dialect, 'tensorrt-llm');
  assert.equal(tensorrt.options.maxNumSeqs, 4);
  assert.equal(tensorrt.options.model, 'm');
});

test('what is no model server is not taken for one', () => {
  for (const words of [
    [],
    ['/bin/sleep', 'infinity'],
    ['python3', 'app.py'],
    ['vllm', 'bench'],
    ['sh', '-c', 'echo vllm serve'],
  ])
    assert.equal(parseVllmCommand(words, []), undefined);
});

test("the simulator's own flags set the speed", () => {
  const { options, unknownFlags } = parse(
    '--sim-decode-ms',
    '1.5',
    '--sim-speed=10',
    '--sim-weights-gib',
    '1',
  );
  assert.deepEqual(unknownFlags, []);
  assert.equal(options.timing.decodeMs, 1.5);
  assert.equal(options.timing.speed, 10);
  assert.equal(options.timing.weightsBytes, 2 ** 30);
  assert.throws(() => parse('--sim-speed', '0'), CommandLineError);
  assert.throws(() => parse('--port', 'http'), CommandLineError);
});

test("llm-d-inference-sim's image takes vLLM's flags as its args, and adapters without a path or --enable-lora", () => {
  const args = ['--model', 'org/base', '--port', '8001', '--max-loras', '2', '--mode', 'echo'];
  const adapters = ['--lora-modules', '{"name": "adapter-1"}', '{"name": "adapter-2"}'];
  for (const image of [
    'ghcr.io/llm-d/llm-d-inference-sim:v0.8.2',
    'llm-d-inference-sim',
    'x.io/llm-d-inference-sim@sha256:0',
  ]) {
    const parsed = parseVllmCommand([], [...args, ...adapters], { image });
    assert.equal(parsed?.options.model, 'org/base');
    assert.equal(parsed.options.port, 8001);
    assert.equal(parsed.options.enableLora, true);
    assert.deepEqual(
      parsed.options.loraModules.map(({ name }) => name),
      ['adapter-1', 'adapter-2'],
    );
    assert.deepEqual(parsed.unknownFlags, ['--mode']);
  }
  assert.equal(parseVllmCommand(['/app/llm-d-inference-sim'], args)?.options.model, 'org/base');
  assert.equal(parseVllmCommand([], args, { image: 'example.com/not-llm-d-inference-simulator' }), undefined);
});
