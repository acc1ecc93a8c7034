import assert from 'node:assert/strict';
import { test } from 'node:test';
import { envoyLogLine } from './log-line.ts';

test('an error is told from what is only of interest to those who look for it', () => {
  const of = (line: string) => {
    const { severity, message } = envoyLogLine(line);
    return [severity, message];
  };
  const head = '[2026-11-25 20:59:30.522][11198]';
  assert.deepEqual(of(`${head}[critical][main] [source/server/server.cc:414] cannot bind`), [
    'error',
    'cannot bind',
  ]);
  assert.deepEqual(of(`${head}[error][config] no file here`), ['error', 'no file here']);
  assert.deepEqual(of(`${head}[warning][main] [source/server/server.cc:1] [x] caught`), [
    'other',
    '[x] caught',
  ]);
  for (const line of ['{"response_code":503,"response_flags":"[error]"}', '  StatPrefix: too short', ''])
    assert.deepEqual(of(line), ['other', line]);
});
