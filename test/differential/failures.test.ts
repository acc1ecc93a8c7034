import { differential } from './support/differential.ts';
import { FAILURES } from './tables/failures.ts';

differential(FAILURES);
