import { differential } from './support/differential.ts';
import { STREAMS } from './tables/streams.ts';

differential(STREAMS);
