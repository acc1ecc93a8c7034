import { differential } from './support/differential.ts';
import { DECISIONS } from './tables/decisions.ts';

differential(DECISIONS);
