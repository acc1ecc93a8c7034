import { differential } from './support/differential.ts';
import { ELSEWHERE } from './tables/elsewhere.ts';

differential(ELSEWHERE);
