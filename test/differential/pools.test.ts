import { differential } from './support/differential.ts';
import { POOLS } from './tables/pools.ts';

differential(POOLS);
