import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/index.ts';
import type { Context } from '../translation-context.ts';
import { checkMetrics, metricsOf } from './metrics-annotations.ts';

const pod = (annotations?: Record<string, string>) =>
  ({ metadata: { name: 'p', annotations } }) as unknown as Pod;
const AT = (at: string) => ({ 'prometheus.io/port': at });

test('without annotations metrics are at /metrics of the port that serves', () => {
  assert.deepEqual(metricsOf(pod(), 8000, [8000]), { metricsPath: '/metrics' });
});

test('port, scheme, path and scrape count', () => {
  const annotations = { 'prometheus.io/path': '/m', 'prometheus.io/scheme': 'HTTPS', ...AT('9400') };
  assert.deepEqual(metricsOf(pod(annotations), 8000, [8000]), {
    metricsPath: '/m',
    metricsPort: 9400,
    metricsTls: true,
  });
  assert.equal(metricsOf(pod({ 'prometheus.io/scrape': 'false' }), 8000, [8000]).unscraped, true);
});

test('a Pod with several engines has the metrics of each at the port of each', () => {
  for (const port of [8000, 8001])
    assert.equal(metricsOf(pod(AT('8000')), port, [8000, 8001]).metricsPort, undefined);
  assert.equal(metricsOf(pod(AT('9000')), 8001, [8000, 8001]).metricsPort, 9000);
});

test('what is no port and no scheme is told, and changes nothing', () => {
  const told: string[] = [];
  const problems = { warning: (...[, , path]: [string, unknown, string[]]) => told.push(path.at(-1) ?? '') };
  for (const port of ['0', '65536', '-1', 'http', '', '8000 ', '99999999999999999999']) {
    assert.equal(metricsOf(pod(AT(port)), 8000, [8000]).metricsPort, undefined, port);
    checkMetrics({ problems } as unknown as Context, [pod(AT(port))]);
  }
  checkMetrics({ problems } as unknown as Context, [pod({ 'prometheus.io/scheme': 'ftp' })]);
  checkMetrics({ problems } as unknown as Context, [pod({ 'prometheus.io/scheme': 'http', ...AT('9000') })]);
  assert.deepEqual(told, [...Array(7).fill('prometheus.io/port'), 'prometheus.io/scheme']);
});

test('what an annotation says is cut and escaped where it is said that it cannot act', () => {
  const messages: string[] = [];
  const problems = { warning: (...[, , , message]: string[]) => messages.push(message ?? '') };
  const long = `\u009b31m${'9'.repeat(100_000)}`;
  checkMetrics({ problems } as unknown as Context, [pod({ 'prometheus.io/scheme': long, ...AT(long) })]);
  assert.equal(messages.length, 2);
  for (const message of messages) {
    assert.match(message, /got "\\u009b31m9+"/);
    assert.ok(message.length < 300, `${message.length} characters`);
  }
});
