import { packageVersion } from './package-version.ts';

export function version({ output }: { readonly output: string }): void {
  const info = {
    version: packageVersion(),
    node: process.version,
    platform: `${process.platform}/${process.arch}`,
  };
  process.stdout.write(
    output === 'json'
      ? `${JSON.stringify(info, undefined, 2)}\n`
      : `breakwater ${info.version} (Node ${info.node}, ${info.platform})\n`,
  );
}
