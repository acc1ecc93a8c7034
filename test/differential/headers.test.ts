import { differential } from './support/differential.ts';
import { HEADERS } from './tables/headers.ts';

differential(HEADERS);
