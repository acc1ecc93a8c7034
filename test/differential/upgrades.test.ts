import { differential } from './support/differential.ts';
import { UPGRADES } from './tables/upgrades.ts';

differential(UPGRADES);
