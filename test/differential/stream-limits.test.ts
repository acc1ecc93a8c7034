import { differential } from './support/differential.ts';
import { STREAM_LIMITS } from './tables/stream-limits.ts';

differential(STREAM_LIMITS);
