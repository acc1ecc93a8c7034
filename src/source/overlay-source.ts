import { buildResourceSet, type KubeObject, type ResourceEntry, type ResourceSet } from '../api/index.ts';
import { Listeners, type Source, type SourceProblem } from './source.ts';

type ApplyOutcome = 'created' | 'configured' | 'unchanged';

interface ObjectKey {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** What `apply` and `delete` change lies over the objects of another source; of the two, the last writer of an object wins. */
export interface OverlaySource extends Source {
  /** Outcomes in the order of the objects. */
  apply(objects: readonly KubeObject[]): ApplyOutcome[];
  /** Whether each object was there. */
  delete(keys: readonly ObjectKey[]): boolean[];
}

interface Layer {
  /** Absent: deleted. */
  readonly object?: KubeObject;
  /** JSON of the base's object when this was written: once that changes, the base is the last writer. */
  readonly over: string | undefined;
}

export function overlaySource(base: Source): OverlaySource {
  const listeners = new Listeners();
  const layers = new Map<string, Layer>();
  let set = merge(base.current(), layers);
  const changed = () => {
    set = merge(base.current(), layers);
    listeners.call();
  };
  const unsubscribe = base.onChange(() => {
    // Thousands of objects are not written out for nothing.
    const written = layers.size === 0 ? new Map<string, string>() : baseTexts(base.current());
    for (const [key, layer] of layers) if (written.get(key) !== layer.over) layers.delete(key);
    changed();
  });
  return {
    current: () => set,
    problems: (): readonly SourceProblem[] => base.problems(),
    onChange: listener => listeners.add(listener),
    apply(objects) {
      const written = baseTexts(base.current());
      const present = byKey(set);
      const outcomes = objects.map(object => {
        const key = keyOf(object);
        const before = present.get(key);
        if (before !== undefined && JSON.stringify(before) === JSON.stringify(object)) return 'unchanged';
        layers.set(key, { object, over: written.get(key) });
        present.set(key, object);
        return before === undefined ? 'created' : 'configured';
      });
      if (outcomes.some(outcome => outcome !== 'unchanged')) changed();
      return outcomes;
    },
    delete(keys) {
      const written = baseTexts(base.current());
      const present = byKey(set);
      const outcomes = keys.map(({ apiVersion, kind, namespace, name }) => {
        const key = keyOf({
          apiVersion,
          kind,
          metadata: namespace === undefined ? { name } : { name, namespace },
        });
        if (!present.delete(key)) return false;
        const over = written.get(key);
        if (over === undefined) layers.delete(key);
        else layers.set(key, { over });
        return true;
      });
      if (outcomes.includes(true)) changed();
      return outcomes;
    },
    async close() {
      unsubscribe();
      await base.close();
    },
  };
}

function merge(base: ResourceSet, layers: ReadonlyMap<string, Layer>): ResourceSet {
  if (layers.size === 0) return base;
  const entries: ResourceEntry[] = [];
  for (const object of base.all()) {
    if (layers.has(keyOf(object))) continue;
    const origin = base.originOf(object);
    entries.push(origin === undefined ? { object } : { object, origin });
  }
  for (const { object } of layers.values()) if (object !== undefined) entries.push({ object });
  return buildResourceSet(entries);
}

function baseTexts(base: ResourceSet): Map<string, string> {
  return new Map(base.all().map(object => [keyOf(object), JSON.stringify(object)]));
}

function byKey(set: ResourceSet): Map<string, KubeObject> {
  return new Map(set.all().map(object => [keyOf(object), object]));
}

/** Versions of one group are one object. */
function keyOf({ apiVersion, kind, metadata }: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return [group, kind, metadata.namespace ?? '', metadata.name].join('\0');
}
