import { spawn } from 'node:child_process';
import { BreakwaterError } from '../kernel/breakwater-error.ts';
import { AdminClient, type ServerChoice } from './client/admin-client.ts';
import { fetchResources, resolveResources } from './client/resources.ts';
import { takeOverSignals } from './process/first-signals.ts';
import { printError } from './process/output.ts';

export interface ExecOptions extends ServerChoice {
  readonly namespace: string;
}

/** Signals that are passed on to the command; the terminal's own Ctrl-C reaches it anyway. */
const FORWARDED = ['SIGTERM', 'SIGHUP'] as const;

/** `breakwater exec deployment/sleep -it -- curl …`: there are no containers here, so the command runs on this machine. */
export async function exec(
  resource: string,
  command: readonly string[],
  options: ExecOptions,
): Promise<void> {
  const [file, ...args] = command;
  if (file === undefined)
    throw new BreakwaterError(
      'BW_USAGE',
      'expected a command after --, as in `exec deployment/sleep -- curl URL`',
    );
  const target = resource.includes('/') ? resource : `pod/${resource}`;
  const client = new AdminClient(options);
  const query = await resolveResources(client, [target], {
    namespace: options.namespace,
    allNamespaces: false,
  });
  const { missing } = await fetchResources(client, query);
  if (missing[0] !== undefined) throw missing[0];
  printError(`breakwater: ${target} has no container here; running ${file} on this machine\n`);
  process.exitCode = await run(file, args);
  if (process.exitCode !== 0) printError(`command terminated with exit code ${process.exitCode}\n`);
}

function run(file: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit' });
    const ignore = () => {};
    process.on('SIGINT', ignore);
    takeOverSignals();
    const forward = (signal: NodeJS.Signals) => child.kill(signal);
    for (const signal of FORWARDED) process.on(signal, forward);
    child.on('error', cause =>
      reject(new BreakwaterError('BW_UNKNOWN_COMMAND', `${file} cannot be run: ${cause.message}`, { cause })),
    );
    child.on('exit', (code, signal) => {
      process.off('SIGINT', ignore);
      for (const each of FORWARDED) process.off(each, forward);
      resolve(code ?? 128 + (signal === null ? 0 : signalNumber(signal)));
    });
  });
}

/** A shell reports a command that a signal ended as 128 + the signal's number. */
function signalNumber(signal: NodeJS.Signals): number {
  return { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGTERM: 15 }[signal as string] ?? 1;
}
