import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageVersion } from '../../src/cli/package-version.ts';
import { defaultInstallOptions, installObjects } from '../../src/install/index.ts';
import { goProgram, type Progress } from '../cluster/lab/binaries.ts';
import { Lab, labImages } from '../cluster/lab/index.ts';
import { until } from '../support/until.ts';
import type { ConformanceArguments } from './arguments.ts';
import { Results, resultLine } from './results.ts';
import { SUITES, type Suite, type SuiteName } from './suites.ts';

const root = join(import.meta.dirname, '../..');
const cache = join(root, '.cache/conformance');
const GATEWAY_CLASS = 'breakwater';
const NAMESPACE = 'breakwater-system';
/** The suites' own time-outs are shorter; this one is for a suite that hangs. */
const SUITE_TIMEOUT = '60m';
/** Of what a failed test has said. */
const SHOWN_LINES = 40;

export interface ConformanceRun {
  readonly results: Results;
  /** Of the suite's process; 0: it has nothing to object to. */
  readonly code: number | null;
}

/** Starts a cluster, installs Breakwater as a user would, and runs a suite against it. */
export async function runConformance(
  options: ConformanceArguments,
  print: (line: string) => void,
): Promise<ConformanceRun> {
  const { plane, suite: name } = options;
  const suite: Suite = SUITES[name];
  const { crds } = suite;
  const program = await suiteProgram(name, line => process.stderr.write(`conformance: ${line}\n`));
  const lab = await Lab.start({ images: labImages, crds });
  try {
    await lab.install(
      installObjects({
        ...defaultInstallOptions(packageVersion()),
        plane,
        gatewayClass: GATEWAY_CLASS,
      }),
    );
    await featuresTold(lab);
    return await runSuite(program, flagsOf(suite, options, lab), lab, options, print);
  } finally {
    const log = await lab.logs(NAMESPACE, 'deployment/breakwater').catch(error => String(error));
    await writeFile(join(cache, `controller-${plane}-${name}.log`), log);
    await lab.stop();
  }
}

/** Path of a suite's program, which is built when it is not there. */
export async function suiteProgram(name: SuiteName, progress: Progress): Promise<string> {
  const { folder } = SUITES[name];
  return await goProgram({ name, command: ['test', '-c'], folder, source: '.', cache }, progress);
}

/** Where a whole run writes its report. */
export function reportPath({ plane, suite }: ConformanceArguments): string {
  return join(root, 'conformance/reports', `v${packageVersion()}-${plane}-${suite}.yaml`);
}

function flagsOf(suite: Suite, options: ConformanceArguments, lab: Lab): string[] {
  const { plane, run, timeouts } = options;
  const skipped = suite.skipped[plane];
  // The first of the range are given to Services that ask for none.
  const address = lab.loadBalancers.at(1000);
  return [
    `-test.run=^${suite.test}$`,
    '-test.v',
    `-test.timeout=${SUITE_TIMEOUT}`,
    `-gateway-class=${GATEWAY_CLASS}`,
    ...suite.flags,
    ...suite.addresses(address),
    // The whole cluster is thrown away.
    '-cleanup-base-resources=false',
    '-organization=breakwater',
    '-project=breakwater',
    '-url=https://breakwater.dev',
    `-version=v${packageVersion()}`,
    '-contact=https://breakwater.dev',
    `-mode=${plane}`,
    ...(skipped.length === 0 ? [] : [`-skip-tests=${skipped.join(',')}`]),
    ...(timeouts === undefined ? [] : [`-timeout-config-overrides=${timeouts}`]),
    ...(run === undefined ? [`-report-output=${reportPath(options)}`] : [`-run-test=${run}`]),
  ];
}

/** A suite runs the tests of what the class claims when it begins: its Pods are available before its status is written. */
async function featuresTold(lab: Lab): Promise<void> {
  const path = `/apis/gateway.networking.k8s.io/v1/gatewayclasses/${GATEWAY_CLASS}`;
  await until(`GatewayClass ${GATEWAY_CLASS} tells its supportedFeatures`, async () => {
    const { status } = (await lab.objects.ask('GET', path)) as { status?: { supportedFeatures?: object[] } };
    return (status?.supportedFeatures ?? []).length > 0;
  });
}

async function runSuite(
  program: string,
  flags: readonly string[],
  lab: Lab,
  { plane, suite, run }: ConformanceArguments,
  print: (line: string) => void,
): Promise<ConformanceRun> {
  await mkdir(join(root, 'conformance/reports'), { recursive: true });
  const whole = createWriteStream(join(cache, `suite-${plane}-${suite}.log`));
  const results = new Results(
    SUITES[suite].test,
    result => {
      // Where one is asked for, the others are not news.
      if (result.outcome !== 'skipped' || run === undefined) print(resultLine(result));
      if (result.outcome === 'failed') for (const line of result.output.slice(-SHOWN_LINES)) print(line);
    },
    () => performance.now(),
  );
  const child = spawn(program, flags, {
    env: { ...process.env, KUBECONFIG: lab.kubeconfig },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', line => {
      whole.write(`${line}\n`);
      results.line(line);
    });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  whole.end();
  return { results, code };
}
