import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import {
  guarded,
  monotonicMs,
  type OnFault,
  startTimer,
  stopTimer,
  type Timer,
  toError,
} from '../../kernel/index.ts';
import { type EnvoyLogLine, envoyLogLine } from './log-line.ts';

export interface EnvoyProcessOptions {
  /** Of the executable. */
  readonly path: string;
  readonly bootstrapFile: string;
  /** Worker threads; default: Envoy's own, the machine's cores. */
  readonly concurrency?: number | undefined;
  /** Default: warning. */
  readonly logLevel?: 'info' | 'warning' | undefined;
  /** A line of its log, its access log included. */
  readonly onLog: (line: EnvoyLogLine) => void;
  /** It ended though nobody asked for that, and is started again after the delay. */
  readonly onCrash: (reason: string, restartInMs: number) => void;
  /** What threw in us while it was looked after; it is looked after all the same. */
  readonly onFault: OnFault;
}

/** How long after a crash Envoy is started again, slower as long as it keeps crashing. */
const RESTART_DELAYS_MS = [200, 500, 1000, 2000, 5000, 10_000];
/** An Envoy that ran so long is well. */
const WELL_AFTER_MS = 30_000;
/** It has so long to end after SIGTERM. */
const KILL_AFTER_MS = 3000;
/** Requests on a listener that is gone, or has another certificate list, have so long to end: as long as after Ctrl-C. */
const DRAIN_S = 600;

/**
 * Envoy under a shell that ends it when this program is gone, however that ended: the shell's standard input closes then.
 * `$@` is Envoy's command line.
 */
const WATCHED = `exec 3<&0
"$@" </dev/null 3<&- & envoy=$!
{ read -r _ <&3; kill "$envoy"; } 2>/dev/null & watch=$!
exec 3<&-
wait "$envoy"; code=$?
kill "$watch" 2>/dev/null
exit "$code"`;

/** A local Envoy that is kept running. */
export class EnvoyProcess {
  readonly #options: EnvoyProcessOptions;
  #child: ChildProcess | undefined;
  #timer: Timer | undefined;
  #startedAtMs = 0;
  #crashes = 0;
  #closing = false;
  #lastError: string | undefined;

  constructor(options: EnvoyProcessOptions) {
    this.#options = options;
    this.#start();
  }

  /** Ends it: by SIGTERM, then by SIGKILL. */
  async close(): Promise<void> {
    this.#closing = true;
    stopTimer(this.#timer);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const timer = startTimer(KILL_AFTER_MS, () => signal(child, 'SIGKILL'));
    // Its output ends with the last process that could write to it.
    const ended = new Promise(resolve => child.once('close', resolve));
    signal(child, 'SIGTERM');
    await ended;
    stopTimer(timer);
  }

  #start(): void {
    const { path, bootstrapFile, concurrency, logLevel, onLog, onFault } = this.#options;
    this.#startedAtMs = monotonicMs();
    const child = spawn(
      '/bin/sh',
      [
        '-c',
        WATCHED,
        'envoy',
        path,
        '--config-path',
        bootstrapFile,
        '--disable-hot-restart',
        '--log-level',
        logLevel ?? 'warning',
        '--drain-time-s',
        String(DRAIN_S),
        '--drain-strategy',
        'immediate',
        ...(concurrency === undefined ? [] : ['--concurrency', String(concurrency)]),
      ],
      // A group of its own: Ctrl-C is for this program, which lets requests end first.
      { stdio: ['pipe', 'pipe', 'pipe'], detached: true },
    );
    this.#child = child;
    child.stdin?.on('error', () => {});
    this.#lastError = undefined;
    const said = guarded('reading the log of Envoy', onFault, (text: string) => {
      const line = envoyLogLine(text);
      if (line.severity === 'error') this.#lastError = line.message;
      onLog(line);
    });
    // Neither is there where no process could be made, for want of file descriptors.
    for (const stream of [child.stdout, child.stderr])
      if (stream) createInterface({ input: stream }).on('line', said);
    child.once('error', ({ message }) => {
      this.#lastError = message;
    });
    // Its last words come before.
    child.once('close', (code, signal) => this.#ended(reasonOf(code, signal, this.#lastError)));
  }

  /** Where no process can be made now, one can be later. */
  #startAgain(): void {
    try {
      this.#start();
    } catch (thrown) {
      this.#ended(`cannot be started: ${toError(thrown).message}`);
    }
  }

  #ended(reason: string): void {
    if (this.#closing) return;
    if (monotonicMs() - this.#startedAtMs > WELL_AFTER_MS) this.#crashes = 0;
    const delayMs = RESTART_DELAYS_MS[Math.min(this.#crashes++, RESTART_DELAYS_MS.length - 1)] as number;
    this.#timer = startTimer(delayMs, () => this.#startAgain());
    const { onCrash, onFault } = this.#options;
    guarded('telling that Envoy ended', onFault, onCrash)(reason, delayMs);
  }
}

/** A shell whose child was ended by a signal ends with 128 and its number. */
function reasonOf(code: number | null, signal: string | null, lastError: string | undefined): string {
  const died = Object.entries(constants.signals).find(([, number]) => code === number + 128)?.[0];
  const how = signal ?? died ?? `exit code ${code}`;
  return lastError === undefined ? how : `${how}: ${lastError}`;
}

/** To Envoy and the shell: they are a group of their own. */
function signal({ pid }: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // It has ended just now.
  }
}
