import { join } from 'node:path';
import type { Container, Images } from './pod.ts';

const breakwater = join(import.meta.dirname, '../../../../bin/breakwater.js');

/** Containers that run vLLM are simulated, whatever their image; what only sleeps sleeps. */
export const simulatedImages: Images = container => {
  const command = [...(container.command ?? []), ...(container.args ?? [])];
  if (command.some(part => /\bvllm\b/.test(part))) return simulated(container, command);
  if (/(^|\/)sleep$/.test(command[0] ?? '')) return ['sleep', ...command.slice(1)];
  return undefined;
};

function simulated({ ports = [] }: Container, command: readonly string[]): readonly string[] {
  const port = command.includes('--port') ? undefined : ports[0]?.containerPort;
  const options = ['--address', '0.0.0.0', ...(port === undefined ? [] : ['--port', String(port)])];
  return [process.execPath, breakwater, 'simulate', ...options, '--', ...command];
}
