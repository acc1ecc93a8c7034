import type { KubeObject } from '../api/index.ts';
import type { ObjectRef } from '../plan/index.ts';

export type FieldPath = readonly (string | number)[];

/** Something in the manifests that does not do what it looks like. `error`: it cannot do it; `warning`: it does, but look. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly code: ProblemCode;
  readonly object: ObjectRef;
  /** Where in the object; empty for the object as a whole. */
  readonly path: (string | number)[];
  readonly message: string;
}

export type ProblemCode =
  | 'gateway-class-not-found'
  | 'gateway-parameters-not-found'
  | 'gateway-parameters-invalid'
  | 'address-unsupported'
  | 'listener-invalid'
  | 'listener-conflict'
  | 'listener-set-refused'
  | 'certificate-unusable'
  | 'selector-invalid'
  | 'parent-not-found'
  | 'parent-refuses-route'
  | 'rule-invalid'
  | 'route-shadowed'
  | 'filter-unusable'
  | 'field-without-effect'
  | 'backend-unresolved'
  | 'backend-address-refused'
  | 'backend-without-endpoints'
  | 'weights-add-up-to-zero'
  | 'limit-refuses-everything'
  | 'policy-target-not-found'
  | 'policy-conflict'
  | 'policy-overridden'
  | 'policy-without-effect'
  | 'policy-invalid'
  | 'policy-unsupported'
  | 'deprecated-field'
  | 'pool-matches-nothing'
  | 'pool-picker'
  | 'model-pool-not-found'
  | 'model-name-in-use'
  | 'annotation-invalid';

/** Collects problems; the same one said twice (a route on two listeners) is kept once. */
export class Problems {
  readonly #byKey = new Map<string, Problem>();

  error(code: ProblemCode, object: KubeObject, path: FieldPath, message: string): void {
    this.#add('error', code, object, path, message);
  }

  warning(code: ProblemCode, object: KubeObject, path: FieldPath, message: string): void {
    this.#add('warning', code, object, path, message);
  }

  /** By object and path, so that the order does not depend on the order of translation. */
  list(): Problem[] {
    return [...this.#byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, problem]) => problem);
  }

  #add(
    severity: Problem['severity'],
    code: ProblemCode,
    object: KubeObject,
    path: FieldPath,
    message: string,
  ): void {
    const ref = objectRef(object);
    const key = [ref.kind, ref.namespace, ref.name, path.join('.'), code, message].join('\0');
    if (!this.#byKey.has(key))
      this.#byKey.set(key, { severity, code, object: ref, path: [...path], message });
  }
}

/** As the API server writes it: `spec.rules[0].matches`. */
export function fieldName(path: FieldPath): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
}

const refs = new WeakMap<KubeObject, ObjectRef>();

export function objectRef(object: KubeObject): ObjectRef {
  const known = refs.get(object);
  if (known !== undefined) return known;
  const ref = { kind: object.kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name };
  refs.set(object, ref);
  return ref;
}
