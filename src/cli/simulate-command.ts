import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { BreakwaterError } from '../kernel/breakwater-error.ts';
import {
  CommandLineError,
  type ParsedCommand,
  parseVllmCommand,
  startSimulator,
} from '../simulator/index.ts';
import { takeOverSignals } from './process/first-signals.ts';
import { keepServing } from './process/keep-serving.ts';
import { serveWithoutReaders, writeLog } from './process/output.ts';
import { started } from './process/start.ts';

export interface SimulateOptions {
  readonly address: string;
  readonly port?: number;
  readonly seed?: number;
}

/** Errors of listen(2) that the person at the terminal can do something about. */
const CANNOT_BIND: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken',
  EADDRNOTAVAIL: 'is not an address of this machine',
  EACCES: 'needs more rights than this user has',
};

const MAX_PORT = 65_535;

/** `breakwater simulate -- python3 -m vllm…`: one simulated model server, from the real one's command line. */
export async function simulate(command: readonly string[], options: SimulateOptions): Promise<void> {
  const parsed = parse(command);
  warn(parsed);
  const port = options.port ?? parsed.options.port;
  if (port > MAX_PORT)
    throw new BreakwaterError('BW_USAGE', `--port ${port}: expected a number up to ${MAX_PORT}`);
  serveWithoutReaders();
  const simulator = await started(start(parsed, port, options));
  keepServing(print);
  writeLog(
    process.stdout,
    `simulating ${parsed.options.model} on http://${options.address}:${simulator.port}\n`,
  );
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  takeOverSignals();
  await stopped;
  await simulator.close();
}

async function start(parsed: ParsedCommand, port: number, options: SimulateOptions) {
  try {
    return await startSimulator({
      ...parsed.options,
      address: options.address,
      port,
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      files: readText,
    });
  } catch (cause) {
    const problem = CANNOT_BIND[(cause as NodeJS.ErrnoException).code ?? ''];
    if (problem === undefined) throw cause;
    throw new BreakwaterError('BW_ADDRESS_IN_USE', `${options.address}:${port} ${problem}`, { cause });
  }
}

function parse(command: readonly string[]): ParsedCommand {
  try {
    const parsed = parseVllmCommand([...command], []);
    if (parsed !== undefined) return parsed;
  } catch (cause) {
    if (!(cause instanceof CommandLineError)) throw cause;
    throw new BreakwaterError('BW_USAGE', `the model server would not start: ${cause.message}`, { cause });
  }
  throw new BreakwaterError(
    'BW_UNKNOWN_MODEL_SERVER',
    command.length === 0 ? 'expected a command after --' : `"${command.join(' ')}" is not known`,
  );
}

/** What is accepted but has no effect is said, not passed over. */
function warn({ options, unknownFlags }: ParsedCommand): void {
  const { chatTemplate } = options;
  if (unknownFlags.length > 0) print(`flags without a meaning here: ${unknownFlags.join(' ')}`);
  if (chatTemplate !== undefined && !/[{}\n]/.test(chatTemplate) && readText(chatTemplate) === undefined)
    print(`no chat template at ${chatTemplate}; a short form of Llama 2's is used`);
  if (options.loraModules.length > 0 && !options.enableLora)
    print('--lora-modules has no effect without --enable-lora');
}

function print(message: string): void {
  writeLog(process.stderr, `breakwater: ${message}\n`);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
