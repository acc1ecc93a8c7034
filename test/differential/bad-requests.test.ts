import { differential } from './support/differential.ts';
import { BAD } from './tables/bad-requests.ts';

differential(BAD);
