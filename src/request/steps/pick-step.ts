import { NO_HEALTHY_UPSTREAM, shedReply } from '../replies.ts';
import { step } from './step.ts';

const NOBODY: readonly number[] = [];

/** Chooses an endpoint; nothing counts there yet. */
export const pickStep = step('pick', 'body', (life, _body, nowMs, draft) => {
  const { asks, subset } = life;
  const by = subset === undefined ? asks : { ...asks, subset };
  const chosen = life.target.choice.choose(by, life.tried ?? NOBODY, nowMs);
  if (chosen.pick !== undefined) draft.pick = chosen.pick;
  if (chosen.candidates !== undefined) draft.candidates = chosen.candidates;
  if (chosen.runnerUp !== undefined) draft.runnerUp = chosen.runnerUp;
  if (chosen.kind !== 'picked') {
    const reply = chosen.kind === 'shed' ? shedReply(life.asker.target) : NO_HEALTHY_UPSTREAM;
    return life.refuse(chosen.kind, reply, chosen.reason);
  }
  life.chosen = chosen;
  return undefined;
});
