import { differential } from './support/differential.ts';
import { REWRITES } from './tables/rewrites.ts';

differential(REWRITES);
