export { type ParsedCommand, parseVllmCommand } from './command/parse-command.ts';
export type { CommandContext } from './command/recognize.ts';
export { CommandLineError, type SimulatorOptions } from './options.ts';
export { type Simulator, type SimulatorStart, startSimulator } from './simulator.ts';
