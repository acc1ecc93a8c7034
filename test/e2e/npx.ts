import { spawn } from 'node:child_process';
import { delimiter, sep } from 'node:path';
import { Up, type Workplace } from './cli-process.ts';

/** A user's environment: no Node but the system's, and nothing that `npm test` says of this checkout to the npm of another folder. */
export function userEnvironment(place: Workplace): NodeJS.ProcessEnv {
  const env = Object.fromEntries(
    Object.entries(place.env).filter(
      ([name]) =>
        !/^npm_(package|lifecycle|command|config_local_prefix|(node_)?execpath)|^(INIT_CWD|NODE_OPTIONS|NODE_TEST_CONTEXT)$/.test(
          name,
        ),
    ),
  );
  const path = (process.env['PATH'] ?? '').split(delimiter);
  return {
    ...env,
    PATH: path.filter(folder => !folder.includes(`${sep}node_modules${sep}`)).join(delimiter),
    npm_config_update_notifier: 'false',
  };
}

/** `npx breakwater …` in a terminal: everything in it gets its Ctrl-C. */
export class Npx extends Up {
  readonly startedAtMs = performance.now();

  static start(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Npx {
    return new Npx(spawn('npx', ['breakwater', ...args], { cwd, env, detached: true }));
  }

  override signal(signal: NodeJS.Signals): void {
    if (this.child.pid !== undefined) process.kill(-this.child.pid, signal);
  }

  override async kill(): Promise<void> {
    try {
      this.signal('SIGKILL');
    } catch {
      // It has ended.
    }
    await this.exited();
  }
}
