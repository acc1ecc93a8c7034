import type { GatewayLife } from '../../request/index.ts';
import type { ResponseHeaders } from './message.ts';
import { meaningOf } from './outcome.ts';

const NOTHING: readonly string[] = [];

/**
 * What the head of a response says of the endpoint that was asked.
 * @returns what is added to the response's headers: name, value, …
 */
export function noteResponse(
  life: GatewayLife,
  { status, served, outcome }: ResponseHeaders,
  nowMs: number,
): readonly string[] {
  life.said(status, served ?? outcome?.upstream, served !== undefined, nowMs);
  const meaning = meaningOf(outcome);
  switch (meaning.kind) {
    case 'answered':
      life.answered(status, nowMs);
      return NOTHING;
    case 'failed':
      life.failed(meaning.unreachable, meaning.words, nowMs);
      return NOTHING;
    case 'local':
      life.notes(meaning.words);
      return NOTHING;
    case 'overflow':
      return life.refusedByGateway(meaning.limit);
  }
}
