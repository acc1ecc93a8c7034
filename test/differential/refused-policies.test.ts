import { differential } from './support/differential.ts';
import { REFUSED_POLICIES } from './tables/refused-policies.ts';

differential(REFUSED_POLICIES);
