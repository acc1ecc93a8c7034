import { test } from 'node:test';
import { page } from '../docs/markdown.ts';
import { follow } from './guide.ts';

test("the README's commands do what it says", async () => {
  await follow(page('README.md'), { port: 80, skip: ['npm test'] });
});
