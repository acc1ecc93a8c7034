import { differential } from './support/differential.ts';
import { MODEL_HEADER } from './tables/model-header.ts';

differential(MODEL_HEADER);
