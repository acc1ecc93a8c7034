import type { HTTPRoute } from '../../api/index.ts';
import type { Conditions } from '../condition.ts';
import { sentence } from '../condition.ts';
import type { FieldPath, ProblemCode, Problems } from '../problem.ts';

interface RuleError {
  readonly condition: 'Accepted' | 'ResolvedRefs' | 'BackendsAvailable';
  readonly reason: string;
  readonly message: string;
}

/** What is wrong with one rule: for the conditions of each parent of its route, for the problems, and for its answers. */
export class RuleErrors {
  readonly #problems: Problems;
  readonly #route: HTTPRoute;
  readonly ruleIndex: number;
  readonly #list: RuleError[] = [];
  #unaccepted = false;

  constructor(problems: Problems, route: HTTPRoute, ruleIndex: number) {
    this.#problems = problems;
    this.#route = route;
    this.ruleIndex = ruleIndex;
  }

  get list(): readonly RuleError[] {
    return this.#list;
  }

  /** Counts against the route's Accepted condition. */
  get isUnaccepted(): boolean {
    return this.#unaccepted;
  }

  /** Why every request to the rule is answered with 500; undefined: they are not. */
  get failure(): string | undefined {
    if (!this.#unaccepted) return undefined;
    return joined(this.#list.filter(({ condition }) => condition === 'Accepted')).message;
  }

  unaccepted(reason: string, message: string, path: FieldPath, code: ProblemCode = 'rule-invalid'): void {
    this.#unaccepted = true;
    this.#add('Accepted', reason, message, path, code);
  }

  unresolved(
    reason: string,
    message: string,
    path: FieldPath,
    code: ProblemCode = 'backend-unresolved',
  ): void {
    this.#add('ResolvedRefs', reason, message, path, code);
  }

  /** Said, and otherwise passed over. */
  ignored(message: string, path: FieldPath): void {
    const where = ['spec', 'rules', this.ruleIndex, ...path];
    this.#problems.warning('field-without-effect', this.#route, where, message);
  }

  /** A Service without endpoints resolves all the same (Gateway API conformance). */
  unavailable(message: string, path: FieldPath, expected: boolean): void {
    this.#list.push({ condition: 'BackendsAvailable', reason: 'EndpointsNotFound', message });
    // Where Pods are still to come it is no fault of the manifests.
    if (!expected) this.#problem('backend-without-endpoints', message, path);
  }

  #add(
    condition: RuleError['condition'],
    reason: string,
    message: string,
    path: FieldPath,
    code: ProblemCode,
  ): void {
    this.#list.push({ condition, reason, message });
    this.#problem(code, message, path);
  }

  #problem(code: ProblemCode, message: string, path: FieldPath): void {
    this.#problems.error(code, this.#route, ['spec', 'rules', this.ruleIndex, ...path], message);
  }
}

/**
 * Puts the errors of all rules of a route into the conditions of one parent. The route is unaccepted only if every rule
 * is, else PartiallyInvalid (GEP-1364).
 */
export function applyRuleErrors(rules: readonly RuleErrors[], conditions: Conditions): void {
  const all = rules.flatMap(rule => rule.list);
  const ofType = (condition: RuleError['condition']) => all.filter(error => error.condition === condition);
  const unaccepted = rules.flatMap((rule, index) => (rule.isUnaccepted ? [index] : []));
  if (unaccepted.length > 0 && conditions.is('Accepted', 'True')) {
    const { reason, message } = joined(ofType('Accepted'));
    if (unaccepted.length === rules.length) {
      conditions.set('Accepted', 'False', reason, message);
    } else {
      conditions.set(
        'PartiallyInvalid',
        'True',
        reason,
        `Dropped Rule(s) [${unaccepted.join(' ')}]: ${message}`,
      );
    }
  }
  for (const type of ['ResolvedRefs', 'BackendsAvailable'] as const) {
    const errors = ofType(type);
    if (errors.length === 0) continue;
    const { reason, message } = joined(errors);
    conditions.set(type, 'False', reason, message);
  }
  conditions.setIfAbsent(
    'ResolvedRefs',
    'True',
    'ResolvedRefs',
    'Resolved all the Object references for the Route',
  );
}

/** Rules for which a policy has requests answered with 500, by why. */
export type ClosedRules = Map<string, Set<number>>;

/** The route is accepted, and says all the same whose policy closes it. */
export function noteClosedRules(closed: ClosedRules, conditions: Conditions): void {
  const accepted = conditions.get('Accepted');
  if (closed.size === 0 || accepted?.status !== 'True') return;
  const texts = [...closed].map(
    ([why, rules]) => `requests to rule(s) [${[...rules].join(' ')}] are answered with 500: ${why}`,
  );
  conditions.set('Accepted', 'True', accepted.reason, [accepted.message, ...texts].join('; '));
}

function joined(errors: readonly RuleError[]): { reason: string; message: string } {
  const messages = [...new Set(errors.map(error => error.message))];
  return { reason: errors[0]!.reason, message: sentence(messages.join('\n')) };
}
