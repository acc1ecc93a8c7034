import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EndpointTable } from '../../picker/index.ts';
import { StartGrace } from './start-grace.ts';

const figures = (running: number, waiting = 0) => ({
  running,
  waiting,
  kvCacheUsage: 0,
  modelName: 'm',
  runningAdapters: [],
  waitingAdapters: [],
  maxAdapters: 0,
});

test('what model servers report beyond our own requests counts, until there is none', () => {
  const table = EndpointTable.create(1, 4);
  const grace = new StartGrace(table, Int32Array.of(0, 1), 1000);
  assert.equal(grace.foreign(0), 0);
  table.setFigures(0, figures(2, 1), 0, 1);
  assert.equal(grace.foreign(1), 3);
  table.setFigures(1, figures(1), 0, 1);
  assert.equal(grace.foreign(1), 4);
  table.enter(0);
  table.setFigures(0, figures(2), 1, 2);
  assert.equal(grace.foreign(2), 2);
  table.setFigures(0, figures(1), 1, 3);
  table.setFigures(1, figures(0), 0, 3);
  assert.equal(grace.foreign(3), 0);
  // From here on only our own requests count, whatever others send there.
  table.setFigures(1, figures(9), 0, 4);
  assert.equal(grace.foreign(4), 0);
});

test('it ends with its time, also where somebody else uses the model servers', () => {
  const table = EndpointTable.create(1, 4);
  const grace = new StartGrace(table, Int32Array.of(0), 1000);
  table.setFigures(0, figures(5), 0, 1);
  assert.equal(grace.foreign(999), 5);
  assert.equal(grace.foreign(1000), 0);
});
