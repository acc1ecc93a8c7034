import { differential } from './support/differential.ts';
import { NAMES, ZONE } from './tables/names.ts';

differential(NAMES, ZONE);
