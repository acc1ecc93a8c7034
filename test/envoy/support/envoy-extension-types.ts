import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { until } from '../../support/until.ts';

interface Dump {
  readonly configs: readonly [
    { readonly bootstrap: { readonly node: { readonly extensions: readonly { type_urls?: string[] }[] } } },
  ];
}

/** Of proactive resource monitors: Envoy does not list them. */
const NOT_LISTED = [
  'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
];

/** The messages that a `google.protobuf.Any` of this Envoy may hold, as it says itself. */
export async function extensionTypes(envoy: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-types-'));
  const socketPath = join(folder, 'admin');
  const config = JSON.stringify({ admin: { address: { pipe: { path: socketPath } } } });
  const flags = [
    '--config-yaml',
    config,
    '--concurrency',
    '1',
    '--disable-hot-restart',
    '--log-level',
    'error',
  ];
  const child = spawn(envoy, flags, { stdio: 'inherit' });
  try {
    await until('Envoy has its admin socket', () => existsSync(socketPath));
    const dump = JSON.parse(await get(socketPath, '/config_dump')) as Dump;
    const all = dump.configs[0].bootstrap.node.extensions.flatMap(({ type_urls = [] }) => type_urls);
    return [...new Set([...all, ...NOT_LISTED])].sort();
  } finally {
    child.kill();
    rmSync(folder, { recursive: true });
  }
}

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, answer => void text(answer).then(resolve, reject))
      .on('error', reject)
      .end();
  });
}
