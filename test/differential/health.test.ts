import { differential } from './support/differential.ts';
import { HEALTH } from './tables/health.ts';

differential(HEALTH);
