import { parseDocument } from 'yaml';
import type { KubeObject } from '../../api/index.ts';
import type { PluginUse } from '../../plan/index.ts';
import type { Context } from '../context.ts';

/** On an InferencePool: scorers' weights, as `NAME=WEIGHT,…`: the short form of the other. */
const WEIGHTS = 'breakwater.dev/scorer-weights';
/** On an InferencePool: a list of plugins in YAML, each with `name`, and `weight` and `parameters` where they are not the defaults. */
const PLUGINS = 'breakwater.dev/plugins';

export interface PoolPlugins {
  readonly uses: readonly PluginUse[];
  /** Of {@link PLUGINS}: it does not say what is meant, so the pool is not served. */
  readonly refused?: string;
  /** Of {@link WEIGHTS}: parts of it have no effect. */
  readonly passedOver?: string;
}

/** What a pool says of the picker's plugins; what it does not name is as by default. */
export function poolPlugins(context: Context, pool: KubeObject): PoolPlugins {
  const { [WEIGHTS]: weights, [PLUGINS]: plugins } = pool.metadata.annotations ?? {};
  const problems: string[] = [];
  const read =
    plugins === undefined
      ? readWeights(context, weights ?? '', problems)
      : readPlugins(context, plugins, problems);
  if (plugins !== undefined && weights !== undefined)
    problems.push(`${WEIGHTS} stands beside it: which of the two is meant cannot be told`);
  const annotation = plugins === undefined ? WEIGHTS : PLUGINS;
  for (const message of problems)
    context.problems.error('annotation-invalid', pool, ['metadata', 'annotations', annotation], message);
  if (problems.length === 0) return { uses: read };
  const message = `annotation ${annotation}: ${problems.join('; ')}`;
  return plugins === undefined ? { uses: read, passedOver: message } : { uses: [], refused: message };
}

function readWeights({ plugins }: Context, annotation: string, problems: string[]): PluginUse[] {
  const weights = new Map<string, number>();
  if (annotation.trim() === '') return [];
  for (const part of annotation.split(',')) {
    const [name = '', value = ''] = part.split('=').map(text => text.trim());
    const weight = value === '' ? Number.NaN : Number(value);
    if (name === '' || !isWeight(weight))
      problems.push(`expected NAME=WEIGHT with a weight of at least 0, got ${JSON.stringify(part)}`);
    else if (plugins.scorers.includes(name)) weights.set(name, weight);
    else problems.push(`no scorer is called ${JSON.stringify(name)}, only ${plugins.scorers.join(', ')}`);
  }
  return Array.from(weights, ([name, weight]) => ({ name, weight }));
}

function readPlugins({ plugins }: Context, annotation: string, problems: string[]): PluginUse[] {
  const list = yamlOf(annotation);
  if (!Array.isArray(list)) {
    problems.push('expected a list in YAML, each with a name');
    return [];
  }
  const uses = new Map<string, PluginUse>();
  for (const [i, entry] of (list as unknown[]).entries()) {
    if (!isObject(entry) || typeof entry['name'] !== 'string') {
      problems.push(`[${i}]: expected an object with a name`);
      continue;
    }
    const { name, weight, parameters = {}, ...others } = entry;
    const isScorer = plugins.scorers.includes(name as string);
    if (!isScorer && !plugins.filters.includes(name as string)) {
      const all = [...plugins.scorers, ...plugins.filters].join(', ');
      problems.push(`[${i}]: no plugin is called ${JSON.stringify(name)}, only ${all}`);
      continue;
    }
    const found = [
      ...(uses.has(name as string) ? [`${name} is named before`] : []),
      ...Object.keys(others).map(field => `unknown field ${JSON.stringify(field)}`),
      ...(weight === undefined ? [] : weightProblems(name as string, weight, isScorer)),
      ...(isObject(parameters)
        ? plugins.problems(name as string, parameters).map(({ message }) => message)
        : ['expected an object as parameters']),
    ];
    problems.push(...found.map(message => `[${i}]: ${message}`));
    uses.set(name as string, {
      name: name as string,
      ...(isWeight(weight) ? { weight } : {}),
      ...(isObject(parameters) && Object.keys(parameters).length > 0 ? { parameters } : {}),
    });
  }
  return [...uses.values()];
}

/** Undefined for what is no YAML. Aliases, which can make much of little, are none here. */
function yamlOf(text: string): unknown {
  const document = parseDocument(text, { logLevel: 'silent' });
  if (document.errors.length > 0) return undefined;
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (thrown) {
    // The library's way to say that there is an alias (toJS of the package yaml).
    if (thrown instanceof ReferenceError) return undefined;
    throw thrown;
  }
}

function weightProblems(name: string, weight: unknown, isScorer: boolean): string[] {
  if (!isScorer) return [`${name} is a filter, and has no weight`];
  return isWeight(weight) ? [] : [`expected a weight of at least 0, got ${JSON.stringify(weight)}`];
}

function isWeight(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
