import { hash } from 'node:crypto';
import type { Listener, Server, VirtualHost } from './listener.ts';
import type { Plan } from './plan.ts';
import { stableJson } from './stable-json.ts';

/** Of parts, which never change: a plan that shares most of its parts with the one before is hashed in a moment. */
const digests = new WeakMap<object, string>();

/** The SHA-256 of a plan's content: 64 hexadecimal digits, equal for equal content in any order of keys. */
export function planVersion({ servers, clusters, pools, limits }: Omit<Plan, 'version'>): string {
  return sha256(
    [servers.map(ofServer), clusters.map(ofPart), pools.map(ofPart), limits.map(ofPart)].join(';'),
  );
}

function ofServer(server: Server): string {
  return remembered(server, () => ({ ...server, listeners: server.listeners.map(ofListener) }));
}

function ofListener(listener: Listener): string {
  return remembered(listener, () => ({
    ...listener,
    virtualHosts: listener.virtualHosts.map(ofVirtualHost),
  }));
}

function ofVirtualHost(host: VirtualHost): string {
  return remembered(host, () => ({ ...host, routes: host.routes.map(ofPart) }));
}

function ofPart(part: object): string {
  return remembered(part, () => part);
}

/** @param content what the part is, with digests in place of the parts of it that have some */
function remembered(part: object, content: () => object): string {
  const known = digests.get(part);
  if (known !== undefined) return known;
  const digest = sha256(stableJson(content()));
  digests.set(part, digest);
  return digest;
}

function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}
