import { Option } from 'commander';
import { bytes } from './argument-values.ts';

export const collect = (value: string, previous: readonly string[]): readonly string[] => [
  ...previous,
  value,
];
export const filenames = () =>
  new Option('-f, --filename <path>', 'file, folder or - (standard input); several times')
    .argParser(collect)
    .default([] as readonly string[], 'none');
export const lenient = () =>
  new Option('--lenient', 'unknown fields, and policies of kinds that are not served, are warnings');
export const operators = (usual: string, choices: readonly string[]) =>
  new Option('--operators <who>', 'clients that are told names and decisions with their answers')
    .choices([...choices])
    .default(usual);
export const OPERATORS = ['this-machine', 'everybody', 'nobody'];
export const server = () =>
  new Option('--server <url>', 'admin address of the running Breakwater (default: found by itself)');
export const namespace = () => new Option('-n, --namespace <name>', 'namespace').default('default');
export const heldBodies = () =>
  new Option(
    '--held-body-bytes <size>',
    'request bodies held at once, as 512Mi (default: 1/64 of the memory, at least 64Mi)',
  ).argParser(bytes);
export const output = (formats: string) => new Option('-o, --output <format>', formats);
