import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { anyToJson, packAny, typeUrlOf } from './any.ts';
import { ClusterSchema } from './gen/envoy/config/cluster/v3/cluster_pb.ts';
import { HttpProtocolOptionsSchema } from './gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.ts';

test('a packed message prints as JSON with what is packed inside it', () => {
  const options = packAny(HttpProtocolOptionsSchema, {
    upstreamProtocolOptions: {
      case: 'explicitHttpConfig',
      value: { protocolConfig: { case: 'httpProtocolOptions', value: {} } },
    },
  });
  const packed = packAny(ClusterSchema, {
    name: 'a',
    typedExtensionProtocolOptions: { [HttpProtocolOptionsSchema.typeName]: options },
  });
  assert.equal(packed.typeUrl, 'type.googleapis.com/envoy.config.cluster.v3.Cluster');
  assert.equal(packed.typeUrl, typeUrlOf(ClusterSchema));
  assert.deepEqual(anyToJson(packed), {
    '@type': packed.typeUrl,
    name: 'a',
    typedExtensionProtocolOptions: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        explicitHttpConfig: { httpProtocolOptions: {} },
      },
    },
  });
});

test('src/envoy/gen is what `npm run gen` makes of proto/', () => {
  const root = join(import.meta.dirname, '../..');
  const made = mkdtempSync(join(tmpdir(), 'breakwater-gen-'));
  try {
    execFileSync(
      process.execPath,
      [join(root, 'node_modules/@bufbuild/buf/bin/buf'), 'generate', '--output', made],
      {
        cwd: root,
        env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}` },
      },
    );
    assert.deepEqual(files(join(made, 'src/envoy/gen')), files(join(root, 'src/envoy/gen')));
  } finally {
    rmSync(made, { recursive: true });
  }
});

function files(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
    name.endsWith('.ts'),
  );
  return Object.fromEntries(names.sort().map(name => [name, readFileSync(join(folder, name), 'utf8')]));
}
