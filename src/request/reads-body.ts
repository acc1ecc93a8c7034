import { makesResponse } from '../dialect/index.ts';
import type { Target } from './request-target.ts';

/**
 * Whether what is in its body decides where a request goes: a picker of the pool's own is shown it, a plugin of the pool or a model of it needs
 * something of it, or it may go on from a response that a server keeps.
 * @param target path and query
 */
export function readsBody(
  { choice, external }: Pick<Target, 'choice' | 'external'>,
  target: string,
): boolean {
  if (choice.pool === undefined) return false;
  if (external !== undefined || choice.needsBody) return true;
  const mark = target.indexOf('?');
  return makesResponse('POST', mark === -1 ? target : target.slice(0, mark));
}
