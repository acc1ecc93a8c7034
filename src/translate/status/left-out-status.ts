import type { KubeObject } from '../../api/index.ts';
import type { LeftOut } from '../../plan/index.ts';
import type { Condition } from '../condition.ts';
import { objectRef } from '../problem.ts';
import type { PlaneView } from './plane-view.ts';

/** What the plane does not serve of an object. */
export function leftOutOf(object: KubeObject, view: PlaneView): LeftOut[] {
  if (view.kind !== 'taken' || view.report.leftOut === undefined) return [];
  const { kind, namespace, name } = objectRef(object);
  return view.report.leftOut.filter(
    ({ source }) => source.kind === kind && source.namespace === namespace && source.name === name,
  );
}

/**
 * The conditions of an object of which the plane leaves something out: it is not accepted; of a route with other rules, these
 * are served (GEP-1364).
 * @param rules of the route; 1 for anything else
 */
export function withLeftOut(
  conditions: readonly Condition[],
  leftOut: readonly LeftOut[],
  reason: string,
  rules = 1,
): Condition[] {
  const [first] = leftOut;
  if (first === undefined) return [...conditions];
  const dropped = [...new Set(leftOut.flatMap(({ rule }) => rule ?? []))].sort((a, b) => a - b);
  const message = [...wordsOf(leftOut)].join('. ');
  const isPartly = dropped.length > 0 && dropped.length < rules;
  const accepted = conditions.find(({ type }) => type === 'Accepted');
  if (accepted === undefined || accepted.status !== 'True') return [...conditions];
  if (!isPartly)
    return conditions.map(each => (each === accepted ? { ...each, status: 'False', reason, message } : each));
  const { observedGeneration } = accepted;
  const text = `Dropped Rule(s) [${dropped.join(' ')}]: ${message}`;
  return [
    ...conditions.filter(({ type }) => type !== 'PartiallyInvalid'),
    { type: 'PartiallyInvalid', status: 'True', observedGeneration, reason, message: text },
  ];
}

/** Whether requests are answered with 500, or cannot be told, each with the words of the plane. */
function* wordsOf(leftOut: readonly LeftOut[]): Generator<string> {
  const all = (unmatched: boolean) => [
    ...new Set(leftOut.filter(each => (each.unmatched ?? false) === unmatched).map(({ message }) => message)),
  ];
  const failing = all(false);
  if (failing.length > 0)
    yield `The data plane refused it, requests are answered with 500: ${failing.join('; ')}`;
  const unmatched = all(true);
  if (unmatched.length > 0)
    yield `The data plane refused its match, requests go to what else matches them or get 404: ${unmatched.join('; ')}`;
}
