import { join } from 'node:path';
import { envoyPath } from '../../../support/envoy.ts';
import { binary, type Progress } from '../binaries.ts';
import type { Container, Images } from '../pods/pod.ts';
import type { Image } from './image.ts';
import { repositoryOf } from './repository.ts';

const root = join(import.meta.dirname, '../../../..');
const breakwater = [process.execPath, join(root, 'bin/breakwater.js')];
/** Of distroless images. */
const NON_ROOT = 65532;
const progress: Progress = line => process.stderr.write(`cluster-lab: ${line}\n`);

/** Images by the end of their repository. Their users and entrypoints are those of the images. */
const IMAGES: readonly (readonly [RegExp, (container: Container) => Image | Promise<Image>])[] = [
  [/(^|\/)envoyproxy\/envoy(-[a-z]+)?$/, envoy],
  [
    /(^|\/)breakwater$/,
    () => ({
      entrypoint: ['breakwater'],
      programs: { '/usr/local/bin/breakwater': breakwater, '/usr/local/bin/node': [process.execPath] },
      user: NON_ROOT,
    }),
  ],
  [/(^|\/)echo-basic$/, () => goProgram('echo-basic')],
  [/(^|\/)epp$/, () => goProgram('epp')],
  // Started by the conformance suite's base; only tests of UDPRoute ask it.
  [/(^|\/)coredns$/, () => ({ wrapper: ['sh', '-c', 'exec sleep infinity'] })],
  [/(^|\/)(busybox|alpine|debian|ubuntu)$/, () => ({})],
  [/(^|\/)curl$/, () => ({ entrypoint: ['curl'] })],
];

/**
 * What the lab has for images: Breakwater of this checkout, a real Envoy, the conformance suites' own programs, a simulator
 * for containers that run vLLM, whatever their image; others run the programs of this machine.
 */
export const labImages: Images = container => {
  const found = IMAGES.find(([pattern]) => pattern.test(repositoryOf(container.image)));
  return found?.[1](container) ?? simulated(container) ?? ofThisMachine(container);
};

function ofThisMachine({ command = [] }: Container): Image | undefined {
  return command.length === 0 ? undefined : {};
}

/** Its docker-entrypoint.sh, which the distroless variant has not. */
const ENVOY_ENTRYPOINT = 'case "$1" in -*) set -- envoy "$@" ;; esac; exec "$@"';

async function envoy({ image }: Container): Promise<Image> {
  const programs = { '/usr/local/bin/envoy': [await envoyPath()] };
  const config = ['-c', '/etc/envoy/envoy.yaml'];
  if (/distroless/.test(image))
    return { entrypoint: ['/usr/local/bin/envoy'], arguments: config, programs, user: NON_ROOT };
  return {
    entrypoint: ['/docker-entrypoint.sh'],
    arguments: ['envoy', ...config],
    programs: {
      ...programs,
      '/docker-entrypoint.sh': ['sh', '-c', ENVOY_ENTRYPOINT, 'docker-entrypoint.sh'],
    },
    user: 101,
  };
}

async function goProgram(program: 'echo-basic' | 'epp'): Promise<Image> {
  const path = `/${program}`;
  return { entrypoint: [path], programs: { [path]: [await binary(program, progress)] }, user: NON_ROOT };
}

function simulated({ image, ports = [], command = [], args = [] }: Container): Image | undefined {
  const words = [...command, ...args];
  if (![image, ...words].some(word => /\bvllm\b/.test(word))) return undefined;
  const port = words.includes('--port') ? undefined : ports[0]?.containerPort;
  const options = ['--address', '0.0.0.0', ...(port === undefined ? [] : ['--port', String(port)])];
  return {
    entrypoint: ['python3', '-m', 'vllm.entrypoints.openai.api_server'],
    wrapper: [...breakwater, 'simulate', ...options, '--'],
  };
}
