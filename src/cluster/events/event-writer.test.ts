import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import { ModelApiServer } from '../api-server-for-test.ts';
import { EventWriter } from './event-writer.ts';
import type { WantedEvent } from './wanted-event.ts';

const REGARDING = { apiVersion: 'example.com/v1', kind: 'Thing', namespace: 'ns', name: 'thing', uid: 'u' };
const EVENT: WantedEvent = {
  regarding: REGARDING,
  type: 'Warning',
  reason: 'PolicyInvalid',
  action: 'Translate',
  note: 'it cannot act',
};

async function withModel(run: (model: ModelApiServer) => Promise<void>): Promise<void> {
  const model = await ModelApiServer.start();
  try {
    await run(model);
  } finally {
    await model.close();
  }
}

function writerFor(model: ModelApiServer, mayWrite = () => true) {
  const problems: string[] = [];
  const writer = new EventWriter({
    server: model.client,
    reporter: { controller: 'example.com/controller', instance: 'pod' },
    mayWrite,
    onProblem: message => problems.push(message),
  });
  return { writer, problems };
}

const events = (model: ModelApiServer) =>
  [...model.objects.values()] as unknown as { note: string; series?: { count: number }; regarding: object }[];

test('an event is made once; another leader goes on with its series', () =>
  withModel(async model => {
    const first = writerFor(model);
    first.writer.want([EVENT]);
    await until('it is written', () => first.writer.counts.written === 1);
    first.writer.want([EVENT]);
    first.writer.close();
    assert.deepEqual(
      events(model).map(({ note, series, regarding }) => ({ note, series, regarding })),
      [{ note: 'it cannot act', series: undefined, regarding: REGARDING }],
    );
    const second = writerFor(model);
    second.writer.want([EVENT]);
    await until('the series goes on', () => second.writer.counts.written === 1);
    second.writer.close();
    assert.deepEqual(
      events(model).map(({ series }) => series?.count),
      [2],
    );
    assert.deepEqual([first.problems, second.problems], [[], []]);
  }));

test('one that does not lead tells nothing; once it does, what is so still', () =>
  withModel(async model => {
    let leads = false;
    const { writer } = writerFor(model, () => leads);
    writer.want([{ ...EVENT, note: 'was so' }]);
    writer.want([EVENT]);
    leads = true;
    writer.want([EVENT]);
    await until('it is written', () => writer.counts.written === 1);
    writer.close();
    assert.deepEqual(
      events(model).map(({ note }) => note),
      ['it cannot act'],
    );
  }));

test('what cannot be written is said once', () =>
  withModel(async model => {
    model.instead = () => ({ status: 403, body: { message: 'not allowed' } });
    const { writer, problems } = writerFor(model);
    writer.want([EVENT, { ...EVENT, note: 'another' }]);
    await until('both have failed', () => writer.counts.failed === 2);
    writer.close();
    assert.deepEqual(problems, ['Events cannot be written: not allowed']);
  }));
