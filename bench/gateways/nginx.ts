import { nginxConfig, startNginx } from '../nginx.ts';
import { GATEWAY_ADDRESS, type Gateway, TIMEOUT_SECONDS } from './gateway.ts';

/** Connections to model servers that are kept: as many as the bench opens at most. */
const KEPT_CONNECTIONS = 1024;

/** nginx as a plain reverse proxy: round robin, answers passed as they come. */
export function nginx(path: string): Gateway {
  const { host, port } = GATEWAY_ADDRESS;
  return {
    name: 'nginx',
    async start({ bench, cores, endpoints }) {
      const config = nginxConfig(`
    upstream models {
      ${endpoints.map(endpoint => `server ${endpoint.host}:${endpoint.port};`).join(' ')}
      keepalive ${KEPT_CONNECTIONS};
      keepalive_requests 1000000000;
    }
    server {
      listen ${host}:${port} backlog=4096;
      location / {
        proxy_pass http://models;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_buffering off;
        proxy_read_timeout ${TIMEOUT_SECONDS}s;
      }
    }`);
      const folder = bench.folder('nginx');
      return await startNginx(bench, path, {
        name: 'nginx',
        folder,
        config,
        core: cores.gateway,
        address: GATEWAY_ADDRESS,
      });
    },
  };
}
