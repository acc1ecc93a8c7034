import { differential } from './support/differential.ts';
import { CLIENT_CERTIFICATES } from './tables/client-certificates.ts';

differential(CLIENT_CERTIFICATES);
