import { differential } from './support/differential.ts';
import { CORS } from './tables/cors.ts';

differential(CORS);
