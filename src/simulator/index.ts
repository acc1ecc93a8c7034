export { type ParsedCommand, parseVllmCommand } from './command/parse-command.ts';
export { expandVariables } from './command/recognize.ts';
export { shellWords } from './command/shell-words.ts';
export { type Simulator, startSimulator } from './simulator.ts';
export { CommandLineError, DEFAULT_OPTIONS, type SimulatorOptions } from './simulator-options.ts';
