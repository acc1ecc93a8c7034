import { differential } from './support/differential.ts';
import { EVENT_STREAMS } from './tables/event-streams.ts';

differential(EVENT_STREAMS);
