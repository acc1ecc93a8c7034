import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { untilListening } from '../processes.ts';
import { GATEWAY_ADDRESS, type Gateway, type GatewaySetting, TIMEOUT_SECONDS } from './gateway.ts';

/** HAProxy as a plain reverse proxy: one thread, round robin, bodies passed unread. */
export function haproxy(path: string): Gateway {
  return {
    name: 'HAProxy',
    async start(setting) {
      const { bench, cores } = setting;
      const file = join(bench.folder('haproxy'), 'haproxy.cfg');
      writeFileSync(file, config(setting));
      const started = bench.start('HAProxy', [path, '-db', '-q', '-f', file], { core: cores.gateway });
      await untilListening(started, GATEWAY_ADDRESS);
      return started;
    },
  };
}

function config({ endpoints, checksEndpoints }: GatewaySetting): string {
  const { host, port } = GATEWAY_ADDRESS;
  const servers = endpoints.map(
    (endpoint, index) =>
      `    server m${index} ${endpoint.host}:${endpoint.port}${checksEndpoints ? ' check inter 200ms' : ''}`,
  );
  return `
global
    nbthread 1
    maxconn 4096
defaults
    mode http
    timeout connect ${TIMEOUT_SECONDS}s
    timeout client ${TIMEOUT_SECONDS}s
    timeout server ${TIMEOUT_SECONDS}s
    http-reuse always
frontend gateway
    bind ${host}:${port}
    default_backend models
backend models
    balance roundrobin
    ${checksEndpoints ? 'option httpchk GET /metrics' : ''}
${servers.join('\n')}
`;
}
