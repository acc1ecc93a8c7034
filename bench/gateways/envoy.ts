import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, untilListening } from '../processes.ts';
import { GATEWAY_ADDRESS, type Gateway, TIMEOUT_SECONDS } from './gateway.ts';

/** Envoy as a plain reverse proxy: one worker, round robin, no picker. */
export function envoy(path: string): Gateway {
  return {
    name: 'Envoy',
    async start({ bench, cores, endpoints }) {
      const file = join(bench.folder('envoy'), 'envoy.json');
      writeFileSync(file, JSON.stringify(config(endpoints)));
      const started = bench.start(
        'Envoy',
        [path, '-c', file, '--concurrency', '1', '--use-dynamic-base-id', '--log-level', 'error'],
        { core: cores.gateway },
      );
      await untilListening(started, GATEWAY_ADDRESS);
      return started;
    },
  };
}

const HCM =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const ROUTER = 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router';

/** envoy.config.bootstrap.v3.Bootstrap */
function config(endpoints: readonly Address[]): object {
  return {
    static_resources: {
      listeners: [
        {
          name: 'gateway',
          address: socketAddress(GATEWAY_ADDRESS),
          filter_chains: [
            {
              filters: [
                {
                  name: 'envoy.filters.network.http_connection_manager',
                  typed_config: {
                    '@type': HCM,
                    stat_prefix: 'gateway',
                    route_config: {
                      virtual_hosts: [
                        {
                          name: 'all',
                          domains: ['*'],
                          routes: [
                            {
                              match: { prefix: '/' },
                              route: { cluster: 'models', timeout: `${TIMEOUT_SECONDS}s` },
                            },
                          ],
                        },
                      ],
                    },
                    http_filters: [{ name: 'envoy.filters.http.router', typed_config: { '@type': ROUTER } }],
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: [
        {
          name: 'models',
          type: 'STATIC',
          connect_timeout: '5s',
          lb_policy: 'ROUND_ROBIN',
          load_assignment: {
            cluster_name: 'models',
            endpoints: [
              { lb_endpoints: endpoints.map(address => ({ endpoint: { address: socketAddress(address) } })) },
            ],
          },
        },
      ],
    },
  };
}

function socketAddress({ host, port }: Address): object {
  return { socket_address: { address: host, port_value: port } };
}
