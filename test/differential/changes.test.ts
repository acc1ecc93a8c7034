import { differential } from './support/differential.ts';
import { CHANGES } from './tables/changes.ts';

differential(CHANGES);
