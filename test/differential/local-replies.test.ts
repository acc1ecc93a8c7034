import { differential } from './support/differential.ts';
import { LOCAL_REPLIES } from './tables/local-replies.ts';

differential(LOCAL_REPLIES);
