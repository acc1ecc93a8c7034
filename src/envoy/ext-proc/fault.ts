import { REQUEST_FAULT, toError } from '../../kernel/index.ts';
import type { Decision } from '../../picker/index.ts';
import type { PickerReply } from './message.ts';

/** The answer to a request that something of ours threw in; as the embedded plane's. */
export const FAULT_REPLY: PickerReply = {
  kind: 'immediate',
  reply: {
    status: 500,
    headers: ['content-type', 'text/plain', 'x-breakwater-reason', REQUEST_FAULT],
    body: 'Internal Server Error',
  },
  extra: [],
};

/** The decision says so. */
export function noteFault(decision: Decision, thrown: unknown): void {
  decision.verdict = 'fault';
  decision.reason = `${REQUEST_FAULT}: ${toError(thrown).message}`;
}
