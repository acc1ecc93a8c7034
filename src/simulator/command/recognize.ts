import type { ServerDialect } from '../simulator-options.ts';
import { shellCommands } from './shell-words.ts';

export interface RecognizedCommand {
  readonly dialect: ServerDialect;
  /** The server's own arguments. */
  readonly words: readonly string[];
  /** It is a simulator of that server itself, and takes some of its flags in a shorter form (llm-d-inference-sim). */
  readonly isSimulator?: true;
}

/** What surrounds a container's command. */
export interface CommandContext {
  /** Needed when the image's entrypoint is the server, as with `vllm/vllm-openai`. */
  readonly image?: string;
  /** Environment of the container, for `$(NAME)` in command and args and `$NAME` in shell lines. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Words to read after the server's own, e.g. the simulator's flags. */
  readonly extraWords?: readonly string[];
}

const MODULES: Readonly<Record<string, ServerDialect>> = {
  'vllm.entrypoints.openai.api_server': 'vllm',
  'vllm.entrypoints.launchers.api_server': 'vllm',
  'sglang.launch_server': 'sglang',
};

/** Its entrypoint is the simulator of vLLM that the Inference Extension's guides use: https://github.com/llm-d/llm-d-inference-sim */
const SIMULATOR_IMAGE = /(^|\/)llm-d-inference-sim([:@]|$)/;

/** Nesting of `sh -c` that is followed. */
const MAX_SHELL_DEPTH = 4;

/** Finds the model server in a container's command line; undefined when there is none. */
export function recognize(
  command: readonly string[],
  args: readonly string[],
  context: CommandContext = {},
): RecognizedCommand | undefined {
  const environment = context.environment ?? {};
  const words = [...command, ...args].map(word => expandVariables(word, environment));
  if (command.length === 0 && /(^|\/)vllm-openai(-\w+)?([:@]|$)/.test(context.image ?? '')) {
    const recognized = recognizeWords(words, environment, 0);
    return recognized ?? { dialect: 'vllm', words: words[0] === 'serve' ? words.slice(1) : words };
  }
  if (command.length === 0 && SIMULATOR_IMAGE.test(context.image ?? ''))
    return recognizeWords(words, environment, 0) ?? { dialect: 'vllm', words, isSimulator: true };
  return recognizeWords(words, environment, 0);
}

/** core/v1 Container.command: `$(NAME)` is replaced when NAME is set, `$$(NAME)` stays as `$(NAME)`. */
export function expandVariables(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replace(/\$?\$\(([-.\w]+)\)/g, (whole, name: string) =>
    whole.startsWith('$$') ? whole.slice(1) : (environment[name] ?? whole),
  );
}

function recognizeWords(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  depth: number,
): RecognizedCommand | undefined {
  const start = words.findIndex(word => !isPrefix(word));
  if (start < 0) return undefined;
  const [program, ...rest] = words.slice(start) as [string, ...string[]];
  const base = program.slice(program.lastIndexOf('/') + 1);
  if (/^(ba|da|a|z)?sh$/.test(base)) return recognizeShell(rest, environment, depth);
  if (/^python[\d.]*$/.test(base)) return recognizePython(rest);
  if (base === 'llm-d-inference-sim') return { dialect: 'vllm', words: rest, isSimulator: true };
  if (base === 'vllm') return rest[0] === 'serve' ? { dialect: 'vllm', words: rest.slice(1) } : undefined;
  if (base === 'sglang') return rest[0] === 'serve' ? { dialect: 'sglang', words: rest.slice(1) } : undefined;
  if (base === 'trtllm-serve')
    return { dialect: 'tensorrt-llm', words: rest[0] === 'serve' ? rest.slice(1) : rest };
  return undefined;
}

/** Programs that run another one, and their words. */
const RUNNERS = new Set([
  ...['exec', 'env', 'nohup', 'time', 'tini', 'dumb-init', 'catatonit', 'uv', 'run', '--', '-g', '-s'],
]);

/** Words before a program: assignments, and programs that run another. */
function isPrefix(word: string): boolean {
  return /^\w+=/.test(word) || RUNNERS.has(word.slice(word.lastIndexOf('/') + 1));
}

function recognizePython(words: readonly string[]): RecognizedCommand | undefined {
  const at = words.indexOf('-m');
  const module = words[at + 1];
  if (at < 0 || module === undefined) return undefined;
  const rest = words.slice(at + 2);
  if (module === 'vllm.entrypoints.cli.main')
    return rest[0] === 'serve' ? { dialect: 'vllm', words: rest.slice(1) } : undefined;
  const dialect = MODULES[module];
  return dialect === undefined ? undefined : { dialect, words: rest };
}

function recognizeShell(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  depth: number,
): RecognizedCommand | undefined {
  const at = words.findIndex(word => /^-[a-z]*c$/.test(word));
  const line = words[at + 1];
  if (at < 0 || line === undefined || depth >= MAX_SHELL_DEPTH) return undefined;
  // POSIX sh: the words after the line are $0, $1, …
  const parameters: Record<string, string> = { ...environment };
  words.slice(at + 2).forEach((word, index) => {
    parameters[String(index)] = word;
  });
  const all = words.slice(at + 3).join(' ');
  for (const command of shellCommands(line.replaceAll(/"?\$[@*]"?/g, all), parameters)) {
    const recognized = recognizeWords(command, environment, depth + 1);
    if (recognized !== undefined) return recognized;
  }
  return undefined;
}
