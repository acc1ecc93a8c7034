export { checkArguments } from './check-arguments.ts';
export { checkBootstrapFields } from './check-bootstrap.ts';
export { checkBootstrapParts } from './check-bootstrap-parts.ts';
