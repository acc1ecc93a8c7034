import { BreakwaterError } from '../kernel/breakwater-error.ts';
import { TemplateError } from './print/jsonpath.ts';
import { TemplateSyntaxError } from './print/jsonpath-parse.ts';
import { printError } from './process/output.ts';

/** Prints what went wrong on standard error, and makes the process end with exit code 1 when it ends. */
export function reportError(error: unknown): void {
  process.exitCode = 1;
  printError(`${errorText(error)}\n`);
}

export function errorText(error: unknown): string {
  if (error instanceof TemplateSyntaxError)
    return `error: error parsing jsonpath: ${error.message} [BW_BAD_TEMPLATE]`;
  if (error instanceof TemplateError)
    return `error: error executing jsonpath: ${error.message} [BW_BAD_TEMPLATE]`;
  if (!(error instanceof BreakwaterError))
    return `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)} [BW_INTERNAL]`;
  switch (error.code) {
    // Scripts look for kubectl's wording.
    case 'BW_NOT_FOUND':
      return `Error from server (NotFound): ${error.message}`;
    case 'BW_INVALID_OBJECT':
      return error.message;
    case 'BW_UNKNOWN_KIND':
      return `error: ${error.message}`;
    default:
      return `error: ${error.message} [${error.code}]\n  ${error.action}`;
  }
}
