import { differential } from './support/differential.ts';
import { PATHS_TABLE } from './tables/paths.ts';

differential(PATHS_TABLE);
