import type { Pod, ResourceSet } from '../api/index.ts';
import {
  CommandLineError,
  DEFAULT_OPTIONS,
  parseVllmCommand,
  type SimulatorOptions,
} from '../simulator/index.ts';
import { poolOf } from './local-pool.ts';
import { podEnvironment } from './pod-environment.ts';
import { podFiles } from './pod-files.ts';

type PodSpec = NonNullable<Pod['spec']>;
type Container = PodSpec['containers'][number];
type Labels = Readonly<Record<string, string>>;

/** What a Pod of this template would run, when it is a model server. */
export interface ModelServerContainer {
  readonly kind: 'model-server';
  readonly container: string;
  readonly options: SimulatorOptions;
  readonly port: number;
  readonly files: Readonly<Record<string, string>>;
  readonly unknownFlags: readonly string[];
}

export type PodContent =
  | ModelServerContainer
  /** `reason` ends a sentence that begins with the workload's name. */
  | { readonly kind: 'other' | 'broken'; readonly reason: string };

export interface PodTemplate {
  readonly namespace: string;
  readonly labels: Labels;
  readonly spec: PodSpec;
}

/**
 * Finds the model server in a Pod template.
 * @param guess take a template that an InferencePool selects for a model server even if its command is not known
 */
export function findModelServer(
  set: ResourceSet,
  template: PodTemplate,
  extraWords: readonly string[],
  guess: boolean,
): PodContent {
  for (const container of template.spec.containers) {
    const content = read(set, template, container, extraWords);
    if (content !== undefined) return content;
  }
  const guessed = guess ? guessServer(set, template, extraWords) : undefined;
  if (guessed !== undefined) return guessed;
  const [first] = template.spec.containers;
  const command = [...(first?.command ?? []), ...(first?.args ?? [])].join(' ');
  const what = command === '' ? `image ${first?.image ?? '(none)'}` : `\`${shortened(command)}\``;
  return { kind: 'other', reason: `${what} is not a model server that can be simulated` };
}

function read(
  set: ResourceSet,
  { namespace, spec }: PodTemplate,
  container: Container,
  extraWords: readonly string[],
): PodContent | undefined {
  const environment = podEnvironment(set, namespace, container);
  try {
    const context = {
      environment,
      extraWords,
      ...(container.image === undefined ? {} : { image: container.image }),
    };
    const parsed = parseVllmCommand(container.command ?? [], container.args ?? [], context);
    if (parsed === undefined) return undefined;
    const mounted = podFiles(set, namespace, spec, container);
    if (mounted.kind === 'missing')
      return {
        kind: 'broken',
        reason: `waits for ConfigMap ${namespace}/${mounted.configMap}, which is not there`,
      };
    const { options, unknownFlags } = parsed;
    const template = options.chatTemplate === undefined ? undefined : mounted.files.get(options.chatTemplate);
    return {
      kind: 'model-server',
      container: container.name,
      options,
      port: portOf(options, container, environment),
      files: template === undefined ? {} : { [options.chatTemplate!]: template },
      unknownFlags,
    };
  } catch (error) {
    if (!(error instanceof CommandLineError)) throw error;
    return { kind: 'broken', reason: `would not start: ${error.message}` };
  }
}

/** The command line's port; otherwise the one that the container declares, or its environment, or the server's own default. */
function portOf(options: SimulatorOptions, container: Container, environment: Labels): number {
  if (options.portIsGiven) return options.port;
  const declared = container.ports?.find(port => port.name?.startsWith('http')) ?? container.ports?.[0];
  const fromEnvironment = Number(environment['PORT']);
  return (
    declared?.containerPort ??
    (Number.isInteger(fromEnvironment) && fromEnvironment > 0 ? fromEnvironment : options.port)
  );
}

function guessServer(
  set: ResourceSet,
  template: PodTemplate,
  extraWords: readonly string[],
): PodContent | undefined {
  const pool = poolOf(set, template.namespace, template.labels);
  const [container] = template.spec.containers;
  if (pool === undefined || container === undefined) return undefined;
  const words = ['serve', pool.models[0] ?? template.labels['app'] ?? DEFAULT_OPTIONS.model, ...extraWords];
  const parsed = parseVllmCommand(['vllm'], words)!;
  return {
    kind: 'model-server',
    container: container.name,
    options: { ...parsed.options, servedModelNames: pool.models },
    port: pool.port,
    files: {},
    unknownFlags: [],
  };
}

const MAX_COMMAND_CHARS = 60;

function shortened(command: string): string {
  const line = command.replaceAll(/\s+/g, ' ');
  return line.length > MAX_COMMAND_CHARS ? `${line.slice(0, MAX_COMMAND_CHARS)}…` : line;
}
