import { differential } from './support/differential.ts';
import { POOL_BODIES } from './tables/pool-bodies.ts';

differential(POOL_BODIES);
