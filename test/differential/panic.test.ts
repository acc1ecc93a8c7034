import { differential } from './support/differential.ts';
import { PANIC } from './tables/panic.ts';

differential(PANIC);
