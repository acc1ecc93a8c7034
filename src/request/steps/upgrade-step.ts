import { badRequest, UPGRADE_WITH_BODY } from '../replies.ts';
import { step } from './step.ts';

/** What follows an upgrade is no body: a request with one must not be placed without being read. */
export const upgradeStep = step('upgrade', 'head', life => {
  if (!life.upgradesWithBody || life.target.choice.pool === undefined) return undefined;
  return life.declines(badRequest(life.asker.target, UPGRADE_WITH_BODY), UPGRADE_WITH_BODY);
});
