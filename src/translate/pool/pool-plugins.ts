import { parseDocument } from 'yaml';
import type { KubeObject } from '../../api/index.ts';
import type { PluginUse } from '../../plan/index.ts';
import { shown } from '../shown.ts';
import type { Context } from '../translation-context.ts';

/** On an InferencePool: scorers' weights, as `NAME=WEIGHT,…`: the short form of the other. */
const WEIGHTS = 'breakwater.dev/scorer-weights';
/** On an InferencePool: a list of plugins in YAML, each with `name`, and `weight` and `parameters` where they are not the defaults. */
const PLUGINS = 'breakwater.dev/plugins';
/** Many times what all plugins with all parameters need. A parser of YAML takes half a minute for the 256 KiB that a cluster allows. */
const MAX_CHARACTERS = 4096;
/** Weights of which the sums are no numbers any more would compare no endpoints. */
const MAX_WEIGHT = 1_000_000;
/** So many reasons are told; the others are counted. */
const MAX_PROBLEMS = 10;

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
  const annotation = plugins === undefined ? WEIGHTS : PLUGINS;
  const text = plugins ?? weights ?? '';
  const found: string[] = [];
  let read: readonly PluginUse[] = [];
  if (text.length > MAX_CHARACTERS)
    found.push(`expected at most ${MAX_CHARACTERS} characters, got ${text.length}: none of it is read`);
  else read = (plugins === undefined ? readWeights : readPlugins)(context, text, found);
  if (plugins !== undefined && weights !== undefined)
    found.push(`${WEIGHTS} stands beside it: which of the two is meant cannot be told`);
  const problems = found.slice(0, MAX_PROBLEMS);
  if (found.length > MAX_PROBLEMS) problems.push(`${found.length - MAX_PROBLEMS} more`);
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
      problems.push(`expected NAME=WEIGHT with a weight from 0 to ${MAX_WEIGHT}, got ${shown(part)}`);
    else if (plugins.scorers.includes(name)) weights.set(name, weight);
    else problems.push(`no scorer is called ${shown(name)}, only ${plugins.scorers.join(', ')}`);
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
      problems.push(`[${i}]: no plugin is called ${shown(name)}, only ${all}`);
      continue;
    }
    const found = [
      ...(uses.has(name as string) ? [`${name} is named before`] : []),
      ...Object.keys(others).map(field => `unknown field ${shown(field)}`),
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
  // Where its errors are silent it says nothing of a second document, which it leaves out.
  const document = parseDocument(text, { logLevel: 'error' });
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
  return isWeight(weight)
    ? []
    : [
        `expected a weight from 0 to ${MAX_WEIGHT}, got ${typeof weight === 'number' ? weight : shown(weight)}`,
      ];
}

function isWeight(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MAX_WEIGHT;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
