import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cycle } from './cycle.ts';
import { logCycle } from './cycle-log.ts';
import { EventLog } from './event-log.ts';
import type { Finding } from './findings.ts';

const finding = (index: number, severity: Finding['severity'] = 'warning'): Finding => ({
  severity,
  code: 'manifest-invalid',
  message: `broken ${index}`,
});

function cycle(findings: readonly Finding[]): Cycle {
  const report = { version: '1', servers: [] };
  return { findings, report, translation: {}, statuses: [] } as unknown as Cycle;
}

function told(before: readonly Finding[], after: readonly Finding[]): string[] {
  const log = new EventLog(() => 0);
  logCycle(log, cycle(before), cycle(after), []);
  return log.list().map(event => {
    switch (event.type) {
      case 'finding':
      case 'mended':
        return `${event.type} ${event.finding.severity} ${event.finding.message}`;
      case 'notice':
        return `${event.severity}: ${event.message}`;
      default:
        return event.type;
    }
  });
}

test('of very many findings the first are told, errors before warnings, and how many there are besides', () => {
  const many = Array.from({ length: 100_000 }, (_, index) => finding(index));
  const lines = told([], [...many, finding(-1, 'error')]);
  assert.equal(lines.length, 21);
  assert.equal(lines[0], 'finding error broken -1');
  assert.equal(lines[1], 'finding warning broken 0');
  assert.match(lines[20] ?? '', /^error: 99981 more findings are new: `breakwater check` names all/);
  const mended = told(many, []);
  assert.equal(mended.length, 21);
  assert.equal(mended[20], 'info: 99980 more findings are gone');
});

test('findings that are few are told one by one, in their order', () => {
  const few = Array.from({ length: 20 }, (_, index) => finding(index, index % 2 === 0 ? 'warning' : 'error'));
  assert.deepEqual(
    told([], few),
    few.map(({ severity, message }) => `finding ${severity} ${message}`),
  );
});
