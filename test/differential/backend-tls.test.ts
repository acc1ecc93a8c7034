import { differential } from './support/differential.ts';
import { BACKEND_TLS } from './tables/backend-tls.ts';

differential(BACKEND_TLS);
