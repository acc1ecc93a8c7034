import { differential } from './support/differential.ts';
import { TLS } from './tables/tls.ts';

differential(TLS);
