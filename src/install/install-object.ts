/** An object as it is applied. */
export interface InstallObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Of every object. A selector must not have more: it cannot be changed. */
export const LABELS = { 'app.kubernetes.io/name': 'breakwater' } as const;

/** Of the controller's Pods, and of nothing else. */
export const POD_LABELS = { ...LABELS, 'app.kubernetes.io/component': 'controller' } as const;

/** One name for all that is in the controller's namespace. */
export const NAME = 'breakwater';

/** Of what has no namespace: several installations may be in one cluster. */
export function clusterName(namespace: string): string {
  return `${namespace}:controller`;
}

export function metadata(name: string, namespace?: string): InstallObject['metadata'] {
  return { name, ...(namespace === undefined ? {} : { namespace }), labels: LABELS };
}
