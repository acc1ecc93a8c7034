import { BreakwaterError } from '../kernel/breakwater-error.ts';
import type { Plane } from '../plane/index.ts';

export interface PlaneOptions {
  readonly plane: 'embedded' | 'envoy';
  readonly address: string;
  readonly portOffset?: number;
  readonly workers?: number;
  /** Of all request bodies. */
  readonly heldBodyBytes?: number;
  /** See EmbeddedPlaneOptions. */
  readonly behindServices?: boolean;
  /** See EmbeddedPlaneOptions. */
  readonly ownerOf?: (address: string) => string | undefined;
  readonly envoyPath?: string;
  readonly concurrency?: number;
  /** Called with each line of an Envoy's log; absent: only its errors are told. */
  readonly onEnvoyLog?: (line: string) => void;
}

type OnEvent = (message: string, severity: 'info' | 'warning' | 'error') => void;

/** Starts the data plane that is asked for; the other one's code is not loaded. */
export function startPlane(options: PlaneOptions, onEvent: OnEvent): Promise<Plane> {
  return options.plane === 'envoy' ? startEnvoy(options, onEvent) : startEmbedded(options, onEvent);
}

async function startEmbedded(
  { address, portOffset, workers, heldBodyBytes, behindServices = false, ownerOf }: PlaneOptions,
  onEvent: OnEvent,
): Promise<Plane> {
  const { EmbeddedPlane } = await import('../proxy/embedded-plane.ts');
  return EmbeddedPlane.start({
    address,
    behindServices,
    ...(ownerOf && { ownerOf }),
    ...(portOffset === undefined ? {} : { portOffset }),
    ...(workers === undefined ? {} : { workers }),
    ...(heldBodyBytes === undefined ? {} : { heldBodyBytes }),
    onEvent,
  });
}

async function startEnvoy(options: PlaneOptions, onEvent: OnEvent): Promise<Plane> {
  const { address, portOffset, envoyPath: path, concurrency, heldBodyBytes, onEnvoyLog } = options;
  const [{ EnvoyPlane }, { findEnvoy }, { Ports }] = await Promise.all([
    import('../envoy/envoy-plane.ts'),
    import('../envoy/process/find-envoy.ts'),
    import('../proxy/plane/listening-ports.ts'),
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
    logLevel: onEnvoyLog !== undefined ? 'info' : 'warning',
    findPorts: (servers, current) => ports.find(servers, current),
    onEvent,
    onLog: ({ line, severity, message }) => {
      if (onEnvoyLog !== undefined) onEnvoyLog(line);
      else if (severity === 'error') onEvent(`Envoy: ${message}`, 'error');
    },
  }).catch((cause: Error) => {
    throw startFailure(cause);
  });
}

/** Why an Envoy cannot be started, with what to do about it. */
export function startFailure(cause: Error): Error {
  return cause.name === 'NoSocketFolder'
    ? new BreakwaterError('BW_NO_SOCKET_FOLDER', cause.message, { cause })
    : cause;
}
