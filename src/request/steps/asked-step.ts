import { ASKED_NOTHING, asked, responseIdIn } from '../../dialect/index.ts';
import { cutText } from '../../kernel/index.ts';
import { readModelRequest } from '../model-request.ts';
import { readsBody } from '../reads-body.ts';
import { badRequest } from '../replies.ts';
import { step } from './step.ts';

const UNREADABLE = 'the pool cannot do without the model, and the body could not be read';

/** What a pool is asked for: its model, how much it matters, what its prompt begins with. */
export const askedStep = step('asked', 'body', (life, whole, _nowMs, draft) => {
  const { target, asker, parts } = life;
  const { pool } = target.choice;
  if (pool === undefined) return undefined;
  // It may be kept to be sent again, or shown to others.
  const body = whole !== undefined && readsBody(target, asker.target) ? whole : undefined;
  const objective = pool.objectives === undefined ? '' : asker.objective;
  const says = body === undefined ? ASKED_NOTHING : asked(body, asker);
  const read = readModelRequest(pool, says, parts.random(), objective);
  if ('invalid' in read) return life.declines(badRequest(asker.target, read.invalid), UNREADABLE);
  const { model, targetModel, criticality } = read;
  draft.criticality = criticality;
  if (body !== undefined && body.length > 0) {
    draft.model = cutText(model);
    draft.targetModel = targetModel === model ? draft.model : targetModel;
    if (targetModel !== model) life.rewritten = says.withModel(targetModel);
  }
  const about = asker.target.includes('/responses/') ? responseIdIn(pathOf(asker.target)) : '';
  life.asks = about === '' ? read : { ...read, continues: about };
  return undefined;
});

function pathOf(target: string): string {
  return target.split('?', 1)[0] as string;
}
