import { differential } from './support/differential.ts';
import { ROUTING } from './tables/routing.ts';

differential(ROUTING);
