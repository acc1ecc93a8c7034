import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { until } from '../../test/support/until.ts';
import { parseVllmCommand } from './command/parse-command.ts';
import { type Simulator, startSimulator } from './simulator.ts';

const MANIFEST = new URL('../../examples/circuit-breaking/inference_app.yaml', import.meta.url);

/** The chat template of the example's ConfigMap. */
function exampleChatTemplate(): string {
  const [configMap] = parseAllDocuments(readFileSync(MANIFEST, 'utf8')).map(
    document => document.toJS() as { data: Record<string, string> },
  );
  return configMap!.data['llama-2-chat.jinja']!;
}

/** A simulated model server on a free port, like the measured vLLM but fast; ends with the test. */
export async function startForTest(context: TestContext, ...flags: string[]): Promise<TestServer> {
  const args = [
    '--model',
    '/model/llama2',
    '--chat-template',
    '/etc/vllm/chat.jinja',
    '--sim-decode-ms',
    '1',
    ...flags,
  ];
  const { options } = parseVllmCommand(['python3', '-m', 'vllm.entrypoints.openai.api_server'], args)!;
  const files = (path: string) => (path === '/etc/vllm/chat.jinja' ? exampleChatTemplate() : undefined);
  const simulator = await startSimulator({ ...options, address: '127.0.0.1', port: 0, files });
  context.after(() => simulator.close());
  return new TestServer(simulator);
}

export class TestServer {
  readonly simulator: Simulator;
  readonly url: string;

  constructor(simulator: Simulator) {
    this.simulator = simulator;
    this.url = `http://127.0.0.1:${simulator.port}`;
  }

  post(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return fetch(this.url + path, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
    });
  }

  /** Events of a stream: parsed, `[DONE]` as it is. */
  async events(path: string, body: object): Promise<unknown[]> {
    const text = await (await this.post(path, { ...body, stream: true })).text();
    return text
      .split('\n\n')
      .filter(event => event !== '')
      .map(event => event.replace(/^data: /, ''))
      .map(data => (data === '[DONE]' ? data : JSON.parse(data)));
  }

  /** A sample's value; NaN when it is not there. */
  async metric(series: string): Promise<number> {
    const lines = (await (await fetch(`${this.url}/metrics`)).text()).split('\n');
    return Number(lines.find(line => line.startsWith(`${series} `))?.slice(series.length + 1) ?? Number.NaN);
  }

  /** Waits until a sample has a value. */
  async untilMetric(series: string, value: number): Promise<void> {
    let now = Number.NaN;
    const isThere = async () => {
      now = await this.metric(series);
      return now === value;
    };
    await until(() => `${series} is ${value}, and not ${now}`, isThere, 5000);
  }
}

export const LABELS = '{engine="0",model_name="/model/llama2"}';
