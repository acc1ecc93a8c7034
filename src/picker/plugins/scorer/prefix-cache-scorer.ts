import { MAX_BLOCKS } from '../../prompt-blocks.ts';
import { numberParameter } from '../parameter.ts';
import { scorer } from '../plugin.ts';

export const prefixCacheScorer = scorer({
  name: 'prefix-cache-scorer',
  defaultWeight: 3,
  parameters: {
    // The Inference Extension's name.
    maxPrefixBlocksToMatch: numberParameter({
      default: MAX_BLOCKS,
      unit: 'blocks of 64 bytes',
      min: 1,
      max: MAX_BLOCKS,
      whole: true,
      meaning: 'so much of a prompt is looked at, from its beginning',
    }),
  },
  needs: ['prompt'],
  prepare:
    ({ maxPrefixBlocksToMatch }) =>
    ({ prefixes, blocks, slots }, scores) => {
      const count = Math.min(blocks.count, maxPrefixBlocksToMatch);
      for (let i = 0; i < slots.length; i++)
        scores[i] = count === 0 ? 0 : prefixes.matched(blocks.hashes, count, slots[i] as number) / count;
    },
});
