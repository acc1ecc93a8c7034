import { type CrdGroup, crdObjects } from '../lab/crds.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message?: string }[];
}

interface Crd {
  readonly kind: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly storage: boolean;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

/** `KIND: MESSAGE` of each rule (`x-kubernetes-validations`) that the CRDs of some kinds have for what users write. */
export async function rulesOfCrds(
  groups: readonly CrdGroup[],
  isRead: (group: string, kind: string) => boolean,
): Promise<string[]> {
  const rules = new Set<string>();
  for (const group of groups)
    for (const { kind, spec } of (await crdObjects(group, () => {})) as Crd[]) {
      if (kind !== 'CustomResourceDefinition' || !isRead(spec.group, spec.names.kind)) continue;
      const { schema } = spec.versions.find(version => version.storage)!;
      const { status: _, ...written } = schema.openAPIV3Schema.properties ?? {};
      for (const message of messages({ properties: written })) rules.add(`${spec.names.kind}: ${message}`);
    }
  return [...rules];
}

function messages(schema: Schema): string[] {
  const { properties = {}, items, additionalProperties } = schema;
  const below = [...Object.values(properties), items, additionalProperties];
  return [
    ...(schema['x-kubernetes-validations'] ?? []).flatMap(({ rule, message }) =>
      // Those are about changes: nothing here has a before.
      rule.includes('oldSelf') ? [] : (message ?? []),
    ),
    ...below.flatMap(each => (typeof each === 'object' ? messages(each) : [])),
  ];
}
