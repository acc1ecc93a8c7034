import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cores } from '../cores.ts';
import { nginxConfig, startNginx } from '../nginx.ts';
import { type Address, type BenchProcess, requireFree, type Workbench } from '../processes.ts';
import { CHAT_ANSWER } from './chat-answer.ts';
import { metricsPage } from './metrics-page.ts';

const STATUS: Address = { host: '127.1.0.1', port: 8099 };

export interface NginxUpstream {
  readonly process: BenchProcess;
  /** Requests that it has answered since its start, scrapes among them. */
  requestCount(): Promise<number>;
}

/** Model servers that answer at once: the same chat answer to every POST, the same page to every scrape. */
export async function startNginxUpstream(
  bench: Workbench,
  nginx: string,
  cores: Cores,
  endpoints: readonly Address[],
): Promise<NginxUpstream> {
  for (const endpoint of endpoints) await requireFree(endpoint);
  const folder = bench.folder('upstream');
  writeFileSync(join(folder, 'metrics'), metricsPage());
  const config = nginxConfig(`
    types { }
    default_type "text/plain; version=0.0.4";
    open_file_cache max=10;
    server {
      ${endpoints.map(({ host, port }) => `listen ${host}:${port};`).join(' ')}
      location = /metrics { root ${folder}; }
      location = /health { return 200; }
      location / { default_type application/json; return 200 '${CHAT_ANSWER}'; }
    }
    server {
      listen ${STATUS.host}:${STATUS.port};
      location / { stub_status; }
    }`);
  const process = await startNginx(bench, nginx, {
    name: 'upstream (nginx)',
    folder,
    config,
    core: cores.load,
    address: endpoints.at(-1)!,
  });
  return { process, requestCount };
}

/** ngx_http_stub_status_module: the third line has accepts, handled, requests. */
async function requestCount(): Promise<number> {
  const response = await fetch(`http://${STATUS.host}:${STATUS.port}/`, { headers: { connection: 'close' } });
  const text = await response.text();
  return Number(/^ \d+ \d+ (\d+)/m.exec(text)?.[1] ?? Number.NaN);
}
