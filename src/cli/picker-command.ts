import { CONTROLLER_NAMES } from '../control/controller-names.ts';
import { listenError } from '../control/listen-error.ts';
import { ExtProcServer } from '../envoy/ext-proc/ext-proc-server.ts';
import { PickerState } from '../envoy/ext-proc/picker-state.ts';
import { toldAs } from '../kernel/index.ts';
import { LeftOutLog, PLUGIN_CATALOG } from '../picker/index.ts';
import { leftOutOf } from '../plan/index.ts';
import { fileSource, type Source } from '../source/index.ts';
import { translate } from '../translate/index.ts';
import { requireManifests } from './manifests.ts';
import { packageVersion } from './package-version.ts';
import { FollowedSource } from './picker/followed-source.ts';
import { startInfoServer } from './picker/info-server.ts';
import { servingCertificate } from './picker/picker-certificate.ts';
import { poolName } from './picker/pool-name.ts';
import { rotateCertificate } from './picker/rotation.ts';
import { keepServing } from './process/keep-serving.ts';
import { serveWithoutReaders, writeLog } from './process/output.ts';
import { started } from './process/start.ts';
import { stopRequests } from './up/stop-requests.ts';

export interface PickerOptions {
  readonly filename: readonly string[];
  readonly pool?: string;
  readonly poolName?: string;
  readonly poolNamespace?: string;
  readonly address: string;
  readonly grpcPort: number;
  readonly grpcHealthPort: number;
  readonly metricsPort: number;
  readonly secureServing: boolean;
  readonly certPath?: string;
  readonly clearRouteCache: boolean;
  readonly operators: 'everybody' | 'nobody';
  readonly externalPicker: boolean;
  readonly heldBodyBytes?: number;
}

type Certificate = ReturnType<typeof servingCertificate>;

/** Requests in flight have so long to end: longer than a long answer takes. */
const DRAIN_TIMEOUT_MS = 600_000;
/** Before the first scrape nothing is known of what is in flight; a model server that does not answer is not waited for. */
const FIRST_SCRAPE_TIMEOUT_MS = 1000;

/** `breakwater picker`: the endpoint picker of one pool, for any gateway that speaks the protocol. */
export async function picker(options: PickerOptions): Promise<void> {
  serveWithoutReaders();
  const pool = poolName(options);
  requireManifests(options.filename);
  const tls = options.secureServing ? servingCertificate(options.certPath) : undefined;
  const stop = stopRequests();
  const running = await started(Promise.race([start(options, pool, tls), stop.first]));
  // Nothing is served yet that would have to be waited for.
  if (running === undefined) process.exit(0);
  const { state, source, follow, server, info } = running;
  keepServing(message => print(message, 'error'));
  write(
    `Breakwater ${packageVersion()} picks endpoints of the pool ${pool}\n\n` +
      `  ext_proc  ${options.address}:${server.port} (${tls === undefined ? 'plain text' : 'TLS'})\n` +
      `  health    ${options.address}:${server.healthPort}\n` +
      `  metrics   http://${options.address}:${info.port}/metrics\n\nCtrl-C ends it.\n\n`,
  );
  const rotation =
    tls &&
    rotateCertificate({
      folder: options.certPath,
      first: tls,
      take: certificate => server.setCertificate(certificate),
      report: print,
    });
  await stop.first;
  rotation?.stop();
  follow.stop();
  write(`Stopping: ${server.streams} requests are in flight. Ctrl-C again ends at once.\n`);
  await Promise.race([server.drain(DRAIN_TIMEOUT_MS), stop.second]);
  await Promise.race([
    Promise.all([server.close(), info.close(), state.close(), source.close()]),
    stop.second,
  ]);
  process.exit(0);
}

async function start(options: PickerOptions, pool: string, tls: Certificate | undefined) {
  const state = new PickerState({
    clearRouteCache: options.clearRouteCache,
    operators: options.operators,
    asksOthers: options.externalPicker,
    ...(options.heldBodyBytes === undefined ? {} : { bounds: { maxHeldBytes: options.heldBodyBytes } }),
    onEvent: print,
  });
  const source = await fileSource({ paths: options.filename, watch: true });
  apply(source, state, pool);
  const follow = new FollowedSource(source, () => apply(source, state, pool), toldAs(print));
  await state.firstScrape(FIRST_SCRAPE_TIMEOUT_MS);
  return { state, source, follow, ...(await listen(state, pool, options, tls)) };
}

const leftOutLog = new LeftOutLog(print);

function apply(source: Source, state: PickerState, pool: string): void {
  const { plan } = translate(source.current(), {
    controllerNames: CONTROLLER_NAMES,
    plugins: PLUGIN_CATALOG,
  });
  for (const { file, line, column, message, severity } of source.problems())
    print(`${file}:${line}:${column}: ${message}`, severity);
  const found = plan.pools.find(candidate => candidate.name === pool);
  if (found === undefined) print(`the manifests have no InferencePool ${pool}`, 'error');
  else print(`${pool}: ${found.endpoints.map(({ id }) => id).join(', ') || 'no ready endpoints'}`, 'info');
  state.apply(plan);
  leftOutLog.tell(leftOutOf(plan, state.beyond(plan)));
  if (found !== undefined && state.pool(pool) === undefined)
    print(`${pool} has more endpoints than the table has rows: nothing is picked for it`, 'error');
}

async function listen(
  state: PickerState,
  pool: string,
  options: PickerOptions,
  tls: Certificate | undefined,
) {
  const { address } = options;
  try {
    const server = await ExtProcServer.start({
      context: state.context,
      targetOf: cluster => (cluster === undefined ? state.pool(pool) : state.cluster(cluster)),
      reported: entry => state.reported(entry),
      address,
      port: options.grpcPort,
      healthPort: options.grpcHealthPort,
      tls,
      onEvent: print,
    });
    const info = await startInfoServer({ address, port: options.metricsPort, state, server });
    return { server, info };
  } catch (cause) {
    throw listenError(cause);
  }
}

function print(message: string, severity: 'info' | 'warning' | 'error'): void {
  writeLog(process.stderr, `${new Date().toISOString()} ${severity}: ${message}\n`);
}

function write(text: string): void {
  writeLog(process.stdout, text);
}
