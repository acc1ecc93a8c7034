import { BreakwaterError } from '../../admin/errors.ts';
import type { Plane } from '../../plane/index.ts';
import { writeLog } from '../process/output.ts';
import type { PartsOptions } from './start-parts.ts';

type OnEvent = (message: string, severity: 'info' | 'warning' | 'error') => void;

/** Starts the data plane that is asked for; the other one's code is not loaded. */
export function startPlane(options: PartsOptions, onEvent: OnEvent): Promise<Plane> {
  return options.plane === 'envoy' ? startEnvoy(options, onEvent) : startEmbedded(options, onEvent);
}

async function startEmbedded(
  { address, portOffset, workers, heldBodyBytes, behindServices = false }: PartsOptions,
  onEvent: OnEvent,
): Promise<Plane> {
  const { EmbeddedPlane } = await import('../../proxy/plane.ts');
  return EmbeddedPlane.start({
    address,
    behindServices,
    ...(portOffset === undefined ? {} : { portOffset }),
    ...(workers === undefined ? {} : { workers }),
    ...(heldBodyBytes === undefined ? {} : { heldBodyBytes }),
    onEvent,
  });
}

async function startEnvoy(options: PartsOptions, onEvent: OnEvent): Promise<Plane> {
  const { address, portOffset, envoyPath: path, concurrency, heldBodyBytes, verbose } = options;
  const [{ EnvoyPlane }, { findEnvoy }, { Ports }] = await Promise.all([
    import('../../envoy/plane.ts'),
    import('../../envoy/process/find-envoy.ts'),
    import('../../proxy/plane/ports.ts'),
  ]);
  const envoyPath = findEnvoy({ path, env: process.env, environments: ['.cache/envoy-venv', '.venv'] });
  if (envoyPath === undefined)
    throw new BreakwaterError(
      'BW_PLANE_UNAVAILABLE',
      path === undefined ? 'no `envoy` in PATH, ENVOY or .venv' : `${path} is not an executable file`,
    );
  const ports = new Ports(portOffset === undefined ? { address } : { address, portOffset });
  return EnvoyPlane.start({
    envoyPath,
    concurrency,
    ...(heldBodyBytes === undefined ? {} : { pickerBounds: { maxHeldBytes: heldBodyBytes } }),
    logLevel: verbose === true ? 'info' : 'warning',
    findPorts: (servers, current) => ports.find(servers, current),
    onEvent,
    onLog: ({ line, severity, message }) => {
      if (verbose === true) writeLog(process.stderr, `envoy: ${line}\n`);
      else if (severity === 'error') onEvent(`Envoy: ${message}`, 'error');
    },
  });
}
