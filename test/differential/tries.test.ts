import { differential } from './support/differential.ts';
import { TRIES } from './tables/tries.ts';

differential(TRIES);
