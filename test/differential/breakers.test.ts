import { differential } from './support/differential.ts';
import { BREAKERS } from './tables/breakers.ts';

differential(BREAKERS);
