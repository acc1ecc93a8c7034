import { FAULT_REPLY } from '../../request/index.ts';
import type { PickerReply } from './message.ts';

/** The answer to a request that something of ours threw in. */
export const FAULT_ANSWER: PickerReply = { kind: 'immediate', reply: FAULT_REPLY, extra: [] };
