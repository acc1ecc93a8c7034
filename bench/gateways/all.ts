import type { Tools } from '../tools.ts';
import { breakwater } from './breakwater.ts';
import { envoy } from './envoy.ts';
import type { Gateway } from './gateway.ts';
import { haproxy } from './haproxy.ts';
import { nginx } from './nginx.ts';

/** The gateways that can be measured here. */
export function findGateways(tools: Tools): Gateway[] {
  return [
    ...(tools.haproxy === undefined ? [] : [haproxy(tools.haproxy)]),
    ...(tools.nginx === undefined ? [] : [nginx(tools.nginx)]),
    ...(tools.envoy === undefined ? [] : [envoy(tools.envoy)]),
    breakwater,
  ];
}
