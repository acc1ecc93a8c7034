// Measures what the README claims of speed and size, side by side with HAProxy and nginx in one run. All load stays on loopback and
// ends by itself. Progress goes to standard error, the tables to standard output, as Markdown.
import { parseArgs } from 'node:util';
import { addedLatency } from './claims/added-latency.ts';
import { chatCpu } from './claims/chat-cpu.ts';
import type { Claim, Run } from './claims/claim.ts';
import { envoyPlane } from './claims/envoy-plane.ts';
import { idleCpu } from './claims/idle-cpu.ts';
import { memory } from './claims/memory.ts';
import { pickCpu } from './claims/pick-cpu.ts';
import { pickerStreams } from './claims/picker-streams.ts';
import { streamCpu } from './claims/stream-cpu.ts';
import { takeCores } from './cores.ts';
import { findGateways } from './gateways/all.ts';
import { Workbench } from './processes.ts';
import { machineText } from './report/machine.ts';
import { sectionText } from './report/section.ts';
import { findTools, missingTools } from './tools.ts';

const CLAIMS: readonly Claim[] = [
  chatCpu,
  streamCpu,
  addedLatency,
  memory,
  idleCpu,
  pickCpu,
  envoyPlane,
  pickerStreams,
];
const DEFAULT_ROUNDS = 3;

const USAGE = `node bench/main.ts [--only CLAIM]… [--gateway NAME]… [--rounds N] [--patience SECONDS]

  --only CLAIM     one of: ${CLAIMS.map(claim => claim.name).join(', ')}; default: all
  --gateway NAME   one of: HAProxy, nginx, Envoy, Breakwater; default: all that are there
  --rounds N       rounds of every claim, each measures all gateways; default: ${DEFAULT_ROUNDS}
  --patience S     wait up to so many seconds before each turn for the machine to be quiet; default: 0

Envoy is measured when it is on the PATH or ENVOY names it. BENCH_NODE_FLAGS are flags for Breakwater's Node.
`;

interface Options {
  readonly claims: readonly Claim[];
  readonly gateways: readonly string[];
  readonly rounds: number;
  readonly patienceMs: number;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      gateway: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: String(DEFAULT_ROUNDS) },
      patience: { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  const unknown = values.only.find(name => !CLAIMS.some(claim => claim.name === name));
  if (unknown !== undefined) throw new Error(`--only: there is no claim ${unknown}`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds: expected a whole number from 1, got ${values.rounds}`);
  const patienceMs = Number(values.patience) * 1000;
  if (!(patienceMs >= 0)) throw new Error(`--patience: expected seconds, got ${values.patience}`);
  const claims = values.only.length === 0 ? CLAIMS : CLAIMS.filter(({ name }) => values.only.includes(name));
  return { claims, gateways: values.gateway.map(name => name.toLowerCase()), rounds, patienceMs };
}

async function main(): Promise<void> {
  const { claims, gateways: names, rounds, patienceMs } = readOptions();
  const tools = findTools();
  const missing = missingTools(tools);
  if (missing !== undefined) process.stderr.write(`${missing}\n`);
  const cores = takeCores(tools.taskset !== undefined);
  const gateways = findGateways(tools).filter(
    ({ name }) => names.length === 0 || names.includes(name.toLowerCase()),
  );
  const bench = new Workbench();
  process.stdout.write(`${machineText(tools, cores)}\n`);
  for (const claim of claims) {
    const lacking = claim.needs.filter(name => tools[name] === undefined);
    if (lacking.length > 0) {
      process.stdout.write(`### ${claim.name}\n\nNot measured: it needs ${lacking.join(', ')}.\n\n`);
      continue;
    }
    const progress = (line: string) => process.stderr.write(`${claim.name}: ${line}\n`);
    await report(claim, { bench, tools, cores, gateways, rounds, patienceMs, progress });
  }
}

async function report(claim: Claim, run: Run): Promise<void> {
  try {
    for (const section of await claim.run(run)) {
      process.stdout.write(`${sectionText(section)}\n`);
      if (section.failures.length > 0) process.exitCode = 1;
    }
  } catch (error) {
    process.stdout.write(`### ${claim.name}\n\nNot measured: ${(error as Error).message}\n\n`);
    process.exitCode = 1;
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n\n${USAGE}`);
  process.exit(1);
}
process.exit();
