import type { Cluster } from '../plan/index.ts';
import type { ClientCodec } from './codec/client-codec.ts';
import type { UpstreamCodec } from './codec/upstream-codec.ts';
import { HTTP1_CLIENTS, HTTP1_UPSTREAM } from './http1/index.ts';

/** The protocols that clients speak, those that are liked best first. Another one is a folder like http1/, and its line here. */
export const CLIENT_CODECS: readonly ClientCodec[] = [HTTP1_CLIENTS];

/** Those that model servers are spoken to in; the last one is for all. */
const UPSTREAM_CODECS: readonly UpstreamCodec[] = [HTTP1_UPSTREAM];

/** @param alpn what a TLS handshake has agreed on; undefined or false: nothing */
export function clientCodec(alpn: string | false | null | undefined): ClientCodec {
  return CLIENT_CODECS.find(codec => codec.alpn === alpn) ?? (CLIENT_CODECS.at(-1) as ClientCodec);
}

export function upstreamCodec(cluster: Cluster): UpstreamCodec {
  return UPSTREAM_CODECS.find(codec => codec.speaks(cluster)) ?? (UPSTREAM_CODECS.at(-1) as UpstreamCodec);
}
