import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect } from 'node:tls';
import { type ServerCertificate, selfSigned } from '../../src/tls/self-signed.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { seed, Workplace } from './cli-process.ts';

const place = new Workplace();
after(() => place.close());

const DECADE_MS = 10.5 * 365.25 * 86_400_000;

/** Who the picker says it is. */
async function subject(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN as string;
}

test('a certificate that has expired is told and counted; a renewed one is served without a restart, streams go on', async () => {
  const folder = join(place.folder, 'certificate');
  mkdirSync(folder);
  const write = ({ cert, key }: ServerCertificate) => {
    writeFileSync(join(folder, 'tls.key'), key);
    writeFileSync(join(folder, 'tls.crt'), cert);
  };
  write(selfSigned('old', new Date(Date.now() - DECADE_MS)));
  const [port, metrics] = [await freePort(), await freePort()];
  const { output } = place.start([
    ...['picker', '-f', seed, '--pool', 'default/vllm-llama2-7b-pool', '--address', '127.0.0.1'],
    ...['--cert-path', folder, '--grpc-port', String(port)],
    ...['--grpc-health-port', String(await freePort()), '--metrics-port', String(metrics)],
  ]);
  await output.until(/Ctrl-C ends it/);
  await output.until(
    /warning: the certificate expired at \d{4}-\d\d-\d\dT.*: gateways that check it refuse it/,
  );
  const expiry = async () => {
    const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    return Number(/^breakwater_picker_certificate_expiry_seconds (\S+)$/m.exec(text)?.[1]);
  };
  assert.ok((await expiry()) < Date.now() / 1000);
  assert.equal(await subject(port), 'old');

  const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  const health = session.request({
    ':method': 'POST',
    ':path': '/grpc.health.v1.Health/Watch',
    'content-type': 'application/grpc',
  });
  health.on('error', () => {});
  health.write(Buffer.alloc(5));
  await once(health, 'data');

  writeFileSync(join(folder, 'tls.key'), 'no key');
  await output.until(/warning: goes on with the certificate of before: .*tls\.crt and tls\.key/);
  assert.equal(await subject(port), 'old');
  write(selfSigned('new', new Date()));
  await output.until(/info: serves the certificate that .* has now/);
  assert.equal(await subject(port), 'new');
  await until('the metric is the new one’s', async () => (await expiry()) > Date.now() / 1000);
  assert.equal(health.destroyed, false);
  session.destroy();
  await output.kill();
});
