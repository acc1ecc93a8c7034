import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Source } from '../../src/source/index.ts';
import { until } from './until.ts';

/** Objects as a person writes them: without what an API server adds. */
export interface WrittenObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly [field: string]: unknown;
}

export interface OpenSource {
  readonly source: Source;
  /** Makes or replaces objects where the source finds them. */
  write(...objects: WrittenObject[]): Promise<void>;
  remove(...objects: WrittenObject[]): Promise<void>;
}

/** InferenceObjectives: a place that takes any fields has to be found for those, broken ones too. */
function objective(name: string, spec: object): WrittenObject {
  return {
    apiVersion: 'inference.networking.x-k8s.io/v1alpha2',
    kind: 'InferenceObjective',
    metadata: { name, namespace: 'default' },
    spec: { poolRef: { name: 'pool' }, ...spec },
  };
}

/**
 * What every form of a Source promises.
 * @param open starts a source where the given objects, and no others of their kind, are already
 * @param isStrict nobody has looked at the objects before: fields that are not known are mistakes
 */
export function sourceContract(
  form: string,
  open: (...objects: WrittenObject[]) => Promise<OpenSource>,
  { isStrict }: { readonly isStrict: boolean },
): void {
  test(`${form}: objects that are there are given by name, with their defaults`, async () => {
    const { source } = await open(objective('b', {}), objective('a', { priority: 7 }));
    const found = source.current().list('InferenceObjective');
    assert.deepEqual(
      found.map(({ metadata, spec }) => [metadata.name, spec?.priority, spec?.poolRef]),
      [
        ['a', 7, { group: 'inference.networking.k8s.io', kind: 'InferencePool', name: 'pool' }],
        ['b', undefined, { group: 'inference.networking.k8s.io', kind: 'InferencePool', name: 'pool' }],
      ],
    );
    assert.deepEqual(problemsOf(source), []);
    await source.close();
  });

  test(`${form}: what is made, changed or removed is a new set each time; a set never changes`, async () => {
    const { source, write, remove } = await open(objective('a', { priority: 1 }));
    const sets = [source.current()];
    const steps: readonly (readonly [() => Promise<void>, string])[] = [
      [() => write(objective('b', { priority: 2 })), 'a 1, b 2'],
      [() => write(objective('a', { priority: 3 })), 'a 3, b 2'],
      [() => remove(objective('a', {})), 'b 2'],
      [() => write(objective('a', { priority: 4 })), 'a 4, b 2'],
      [() => remove(objective('a', {}), objective('b', {})), ''],
    ];
    for (const [step, expected] of steps) {
      await step();
      await becomes(source, expected);
      sets.push(source.current());
    }
    assert.deepEqual(sets.map(prioritiesOf), ['a 1', ...steps.map(([, expected]) => expected)]);
    await source.close();
  });

  test(`${form}: a broken object keeps its last good form and has a problem until it is mended`, async () => {
    const { source, write } = await open(
      objective('a', { priority: 1 }),
      objective('never', { priority: 1 }),
    );
    await write(objective('a', { priority: 'high' }));
    await until('the problem is there', () => (problemsOf(source).length > 0 ? true : undefined));
    assert.match(
      problemsOf(source).join(),
      /^error InferenceObjective default\/a: .*spec\.priority: Invalid value/,
    );
    assert.equal(prioritiesOf(source.current()), 'a 1, never 1');
    await write(objective('a', { priority: 2 }));
    await becomes(source, 'a 2, never 1');
    assert.deepEqual(problemsOf(source), []);
    await source.close();
  });

  test(`${form}: an object with a field that is not known is ${isStrict ? 'refused' : 'read without it'}, and that is said`, async () => {
    const { source } = await open(objective('a', { priority: 1, colour: 'red' }));
    const { spec } = source.current().get('InferenceObjective', 'default', 'a') ?? {};
    const said = problemsOf(source);
    await source.close();
    assert.deepEqual(
      spec,
      isStrict
        ? undefined
        : {
            poolRef: { group: 'inference.networking.k8s.io', kind: 'InferencePool', name: 'pool' },
            priority: 1,
          },
    );
    const problem = 'unknown field "spec.colour"';
    assert.deepEqual(said, [
      isStrict
        ? `error InferenceObjective default/a: strict decoding error: ${problem}`
        : `warning InferenceObjective default/a: ${problem}`,
    ]);
  });

  test(`${form}: edits without a pause are few sets, and the last one is the last`, async () => {
    const { source, write } = await open(objective('a', { priority: 0 }));
    let calls = 0;
    source.onChange(() => calls++);
    const edits = 100;
    const began = performance.now();
    for (let priority = 1; priority <= edits; priority++) await write(objective('a', { priority }));
    const seconds = (performance.now() - began) / 1000;
    await becomes(source, `a ${edits}`);
    assert.ok(calls <= 5 + 10 * seconds, `${calls} calls in ${seconds} s`);
    await source.close();
  });

  test(`${form}: a listener that left, and one of a source that is closed, is not called`, async () => {
    const { source, write } = await open();
    let [left, stayed] = [0, 0];
    source.onChange(() => left++)();
    source.onChange(() => stayed++);
    await write(objective('a', { priority: 1 }));
    await becomes(source, 'a 1');
    assert.equal(left, 0);
    assert.ok(stayed > 0);
    const before = stayed;
    await source.close();
    await write(objective('a', { priority: 2 }));
    assert.equal(stayed, before);
    assert.equal(prioritiesOf(source.current()), 'a 1');
  });
}

async function becomes(source: Source, priorities: string): Promise<void> {
  await until(`${priorities} (it is ${prioritiesOf(source.current())})`, () =>
    prioritiesOf(source.current()) === priorities ? true : undefined,
  );
}

function prioritiesOf(set: ReturnType<Source['current']>): string {
  return set
    .list('InferenceObjective')
    .map(({ metadata, spec }) => `${metadata.name} ${spec?.priority}`)
    .join(', ');
}

function problemsOf(source: Source): string[] {
  return source.problems().map(({ severity, message }) => `${severity} ${message}`);
}
