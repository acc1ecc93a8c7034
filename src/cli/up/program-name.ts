import { accessSync, constants } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How the person at the terminal calls this program: commands that are printed can be pasted. */
export function programName(env: NodeJS.ProcessEnv = process.env): string {
  // npx and `npm exec` say so to what they run.
  if (env['npm_command'] === 'exec') return 'npx breakwater';
  const onPath = (env['PATH'] ?? '')
    .split(delimiter)
    .some(folder => isExecutable(join(folder, 'breakwater')));
  if (onPath) return 'breakwater';
  const bin = fileURLToPath(new URL('../../../bin/breakwater.js', import.meta.url));
  const path = relative(process.cwd(), bin);
  return `node ${path.startsWith('..') ? bin : path}`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
