import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { root } from './markdown.ts';
import { apply, copyTree, recipeOf, type Step, touched } from './recipe.ts';

const run = promisify(execFile);

/** A copy of the tree in which a recipe of CONTRIBUTING.md is followed before the tests of a file. */
export class RecipeCopy {
  readonly steps: readonly Step[];
  readonly #copy = copyTree();

  constructor(heading: string) {
    this.steps = recipeOf(heading);
    before(() => {
      for (const step of this.steps) apply(this.#copy.folder, step);
    });
    after(() => this.#copy.remove());
  }

  path(file: string): string {
    return join(this.#copy.folder, file);
  }

  import<T>(file: string): Promise<T> {
    return import(pathToFileURL(this.path(file)).href) as Promise<T>;
  }

  /** Files that differ from the tree's now. */
  touched(): string[] {
    return touched(this.#copy.folder);
  }

  /** Its files that end so. */
  files(end: string): string[] {
    return this.steps.map(({ file }) => file).filter(file => file.endsWith(end));
  }

  /** Types, format, lint and imports between rooms, of the files that the recipe touches. @throws with what is wrong */
  async lint(): Promise<void> {
    const files = this.files('.ts');
    const config = { extends: join(root, 'tsconfig.json'), files, include: [] };
    writeFileSync(this.path('tsconfig.json'), JSON.stringify(config));
    await this.run(this.path('node_modules/.bin/tsc'), ['-p', this.path('tsconfig.json')]);
    await this.run(this.path('node_modules/.bin/biome'), ['check', '--vcs-enabled=false', ...files]);
  }

  /** @throws with what was printed where one fails */
  async test(...files: readonly string[]): Promise<void> {
    await this.run(process.execPath, ['--test', ...files]);
  }

  /** @throws with what was printed where it ends with an error */
  async run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
    const { NODE_TEST_CONTEXT: _, ...own } = process.env;
    await run(command, args, { cwd: this.#copy.folder, env: { ...own, ...env } }).catch(
      ({ stdout, stderr }: { stdout: string; stderr: string }) => {
        throw new Error(`${command} ${args.join(' ')}\n${stdout}\n${stderr}`);
      },
    );
  }
}
