import { differential } from './support/differential.ts';
import { LISTENER_SETS } from './tables/listener-sets.ts';

differential(LISTENER_SETS);
