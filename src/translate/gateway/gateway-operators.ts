import type { KubeObject } from '../../api/index.ts';
import type { Server } from '../../plan/index.ts';
import { shown } from '../shown.ts';
import type { Context } from '../translation-context.ts';
import { OPERATORS } from './operators-annotation.ts';

/** On a Gateway: whose requests are told more than their answer. */
const OPERATORS_ANNOTATION = 'breakwater.dev/operators';

/** Of a Gateway: by its annotation, else as is usual where it is served. */
export function operatorsOf(
  { problems, operators }: Context,
  gateway: KubeObject,
): Pick<Server, 'operators'> {
  const annotation = gateway.metadata.annotations?.[OPERATORS_ANNOTATION];
  const said = OPERATORS.find(one => one === annotation);
  if (annotation !== undefined && said === undefined) {
    const message = `annotation ${OPERATORS_ANNOTATION}: expected ${OPERATORS.join(', ')}, got ${shown(annotation)}; until it is mended no client is told names`;
    problems.error('annotation-invalid', gateway, ['metadata', 'annotations', OPERATORS_ANNOTATION], message);
    return { operators: 'nobody' };
  }
  const who = said ?? operators;
  return who === 'this-machine' ? {} : { operators: who };
}
