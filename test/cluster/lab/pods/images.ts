import { join } from 'node:path';
import type { Image } from './image.ts';
import type { Container, Images } from './pod.ts';

const breakwater = join(import.meta.dirname, '../../../../bin/breakwater.js');

/**
 * Containers that run vLLM are simulated, whatever their image; Breakwater's image is this checkout; others run the programs of
 * this machine.
 */
export const simulatedImages: Images = container =>
  simulated(container) ?? ownImage(container) ?? hostPrograms(container);

/** As the Dockerfile makes it. */
function ownImage({ image }: Container): Image | undefined {
  if (!/(^|\/)breakwater[:@]/.test(image)) return undefined;
  return { entrypoint: [process.execPath, breakwater], user: 65_532 };
}

function hostPrograms({ command = [] }: Container): Image | undefined {
  return command.length === 0 ? undefined : {};
}

function simulated({ image, ports = [], command = [], args = [] }: Container): Image | undefined {
  const words = [...command, ...args];
  if (![image, ...words].some(word => /\bvllm\b/.test(word))) return undefined;
  const port = words.includes('--port') ? undefined : ports[0]?.containerPort;
  const options = ['--address', '0.0.0.0', ...(port === undefined ? [] : ['--port', String(port)])];
  return {
    entrypoint: ['python3', '-m', 'vllm.entrypoints.openai.api_server'],
    wrapper: [process.execPath, breakwater, 'simulate', ...options, '--'],
  };
}
