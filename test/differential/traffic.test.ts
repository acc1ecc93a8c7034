import { differential } from './support/differential.ts';
import { TRAFFIC } from './tables/traffic.ts';

differential(TRAFFIC);
