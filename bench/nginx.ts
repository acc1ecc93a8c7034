import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, type BenchProcess, untilListening, type Workbench } from './processes.ts';

/** Of one process: enough for 1,000 streams with a connection on either side. */
const MAX_CONNECTIONS = 8192;

/** A configuration around what belongs into `http`. One process without a master, so that its CPU is all of nginx's. */
export function nginxConfig(http: string): string {
  return `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr error;
events { worker_connections ${MAX_CONNECTIONS}; }
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    keepalive_requests 1000000000;
    ${http}
}
`;
}

export async function startNginx(
  bench: Workbench,
  nginx: string,
  options: { name: string; folder: string; config: string; core: number | undefined; address: Address },
): Promise<BenchProcess> {
  const { name, folder, config, core, address } = options;
  const path = join(folder, 'nginx.conf');
  writeFileSync(path, config);
  const started = bench.start(name, [nginx, '-e', 'stderr', '-p', folder, '-c', path], { core });
  await untilListening(started, address);
  return started;
}
