import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HTTPRoute } from '../../api/index.ts';
import { Conditions } from '../condition.ts';
import { Problems } from '../problem.ts';
import { applyRuleErrors, RuleErrors } from './rule-errors.ts';

const route: HTTPRoute = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'web', namespace: 'default' },
  spec: {},
};

function conditionsOf(...fill: ((errors: RuleErrors) => void)[]) {
  const problems = new Problems();
  const rules = fill.map((fillOne, index) => {
    const errors = new RuleErrors(problems, route, index);
    fillOne(errors);
    return errors;
  });
  const conditions = new Conditions(0).set('Accepted', 'True', 'Accepted', 'Route is accepted');
  applyRuleErrors(rules, conditions);
  const list = conditions.list().map(({ type, status, reason }) => `${type}=${status} ${reason}`);
  return { list, problems: problems.list(), rules };
}

const good = () => {};
const bad = (errors: RuleErrors) => errors.unaccepted('UnsupportedValue', 'no', ['filters', 0]);

test('no errors', () => {
  assert.deepEqual(conditionsOf(good, good).list, [
    'Accepted=True Accepted',
    'ResolvedRefs=True ResolvedRefs',
  ]);
});

test('a route is unaccepted only if all of its rules are', () => {
  assert.deepEqual(conditionsOf(bad, bad).list, [
    'Accepted=False UnsupportedValue',
    'ResolvedRefs=True ResolvedRefs',
  ]);
  const { list, problems, rules } = conditionsOf(good, bad);
  assert.deepEqual(list, [
    'Accepted=True Accepted',
    'PartiallyInvalid=True UnsupportedValue',
    'ResolvedRefs=True ResolvedRefs',
  ]);
  assert.deepEqual(problems[0]?.path, ['spec', 'rules', 1, 'filters', 0]);
  assert.deepEqual(
    rules.map(rule => rule.failure === undefined),
    [true, false],
  );
});

test('what does not resolve leaves the route accepted; what is merely empty resolves', () => {
  const unresolved = (errors: RuleErrors) => errors.unresolved('BackendNotFound', 'gone', ['backendRefs', 0]);
  assert.deepEqual(conditionsOf(unresolved).list, [
    'Accepted=True Accepted',
    'ResolvedRefs=False BackendNotFound',
  ]);
  const empty = (errors: RuleErrors) => errors.unavailable('empty', ['backendRefs', 0], true);
  const { list, problems } = conditionsOf(empty);
  assert.deepEqual(list, [
    'Accepted=True Accepted',
    'BackendsAvailable=False EndpointsNotFound',
    'ResolvedRefs=True ResolvedRefs',
  ]);
  assert.deepEqual(problems, []);
});
