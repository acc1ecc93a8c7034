import { packageVersion } from './package-version.ts';
import { printOut } from './process/output.ts';

export function version({ output }: { readonly output: string }): void {
  printOut(output === 'json' ? `${JSON.stringify(versionInfo(), undefined, 2)}\n` : `${versionText()}\n`);
}

/** A line for people. */
export function versionText(): string {
  const { version, node, platform } = versionInfo();
  return `breakwater ${version} (Node ${node}, ${platform})`;
}

function versionInfo() {
  return {
    version: packageVersion(),
    node: process.version,
    platform: `${process.platform}/${process.arch}`,
  };
}
