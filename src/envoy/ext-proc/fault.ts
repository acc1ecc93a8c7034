import { REQUEST_FAULT, toError } from '../../kernel/index.ts';
import { type Decision, FAULT_REPLY } from '../../request/index.ts';
import type { PickerReply } from './message.ts';

/** As it is said to a gateway. */
export const FAULT_ANSWER: PickerReply = { kind: 'immediate', reply: FAULT_REPLY, extra: [] };

/** The decision says so. */
export function noteFault(decision: Decision, thrown: unknown): void {
  decision.verdict = 'fault';
  decision.reason = `${REQUEST_FAULT}: ${toError(thrown).message}`;
}
