import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { type OpenSource, sourceContract, type WrittenObject } from '../../test/support/source-contract.ts';
import { fileSource, overlaySource } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'breakwater-source-'));
after(() => rmSync(root, { recursive: true }));

/** Of a folder with a file for each object. */
async function open(...objects: WrittenObject[]): Promise<OpenSource> {
  const folder = mkdtempSync(join(root, 'm'));
  const fileOf = ({ metadata }: WrittenObject) => join(folder, `${metadata.name}.json`);
  const write = async (...written: WrittenObject[]) => {
    for (const object of written) writeFileSync(fileOf(object), JSON.stringify(object));
  };
  await write(...objects);
  return {
    source: await fileSource({ paths: [folder], watch: true }),
    write,
    remove: async (...removed) => {
      for (const object of removed) rmSync(fileOf(object));
    },
  };
}

sourceContract('files', open, { isStrict: true });
sourceContract(
  'overlay',
  async (...objects) => {
    const below = await open(...objects);
    return { ...below, source: overlaySource(below.source) };
  },
  { isStrict: true },
);
