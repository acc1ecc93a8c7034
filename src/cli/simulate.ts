import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { BreakwaterError } from '../admin/errors.ts';
import { parseVllmCommand, startSimulator } from '../simulator/index.ts';

export interface SimulateOptions {
  readonly address: string;
  readonly port?: number;
  readonly seed?: number;
}

/** `breakwater simulate -- python3 -m vllm…`: one simulated model server, from the real one's command line. */
export async function simulate(command: readonly string[], options: SimulateOptions): Promise<void> {
  const parsed = parseVllmCommand([...command], []);
  if (parsed === undefined)
    throw new BreakwaterError(
      'BW_UNKNOWN_MODEL_SERVER',
      command.length === 0 ? 'expected a command after --' : `"${command.join(' ')}" is not known`,
    );
  if (parsed.unknownFlags.length > 0)
    process.stderr.write(`breakwater: flags without a meaning here: ${parsed.unknownFlags.join(' ')}\n`);
  const port = options.port ?? parsed.options.port;
  try {
    const simulator = await startSimulator({
      ...parsed.options,
      address: options.address,
      port,
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      files: readText,
    });
    process.stdout.write(
      `simulating ${parsed.options.model} on http://${options.address}:${simulator.port}\n`,
    );
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    await simulator.close();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new BreakwaterError('BW_ADDRESS_IN_USE', `${options.address}:${port} is taken`, { cause });
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
