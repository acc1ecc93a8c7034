import { monotonicMs } from '../../kernel/index.ts';
import { Permit } from '../../limits/index.ts';
import type { Route } from '../../plan/index.ts';
import { type Decision, NO_CHOICE } from '../../request/index.ts';
import type { ClusterRuntime, RequestContext } from '../context.ts';
import type { RequestHead } from '../http1/request-head.ts';
import type { TryEvents } from '../upstream/try-events.ts';
import { UpstreamTry } from '../upstream/upstream-try.ts';
import type { BodyBytes } from './body-bytes.ts';
import { withBody } from './first-write.ts';
import { poolRequest } from './pool-request.ts';
import type { RequestBody } from './request-body.ts';

const MIRROR_TIMEOUT_MS = 60_000;

/** The request that is copied; what is held of its body stays held until every copy is sent or has failed. */
interface Mirrored {
  readonly head: Pick<RequestHead, 'method' | 'target' | 'headers'>;
  readonly body: RequestBody;
}

/**
 * RequestMirror: a copy to each mirror, with a pick and a permit of its own; the answer is thrown away, and a copy that
 * is refused or fails is nobody's concern but the counters'.
 */
export function sendMirrors(
  context: RequestContext,
  route: Route,
  request: Mirrored,
  head: string,
  body: BodyBytes,
): void {
  for (const mirror of route.mirrors) {
    const cluster = context.clusters.get(mirror.cluster);
    if (cluster === undefined || Math.random() >= mirror.ratio) continue;
    try {
      sendMirror(context, cluster, request, head, body);
    } catch (thrown) {
      context.faults.tell('a mirrored request', thrown);
    }
  }
}

function sendMirror(
  context: RequestContext,
  cluster: ClusterRuntime,
  { head: asking, body: held }: Mirrored,
  head: string,
  body: BodyBytes,
): void {
  const { choice, scope, poolScope, connections } = cluster;
  const request =
    choice.pool === undefined
      ? { kind: 'forward' as const, choice: NO_CHOICE, body }
      : poolRequest(choice.pool, body, Math.random(), asking);
  if (request.kind === 'refused') return;
  const decision: Decision = { requestId: '', atMs: Date.now(), verdict: 'pending', candidates: [] };
  const picked = choice.choose(request.choice, [], decision, monotonicMs());
  if (picked.kind !== 'picked') return;
  let permit: Permit | undefined;
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    held.unshare();
    permit?.release(monotonicMs());
    choice.ended(picked.index);
  };
  const events: TryEvents = {
    admit() {
      const got = context.limits.acquire(scope, poolScope, monotonicMs());
      if (!(got instanceof Permit)) {
        end();
        return false;
      }
      permit = got;
      return true;
    },
    refused(limit) {
      context.limits.refuse(scope, limit);
      end();
    },
    sent() {},
    response() {},
    data() {},
    flush() {},
    drained() {},
    ended: end,
    upgraded: (_head, connection) => {
      connection.destroy();
      end();
    },
    failed: end,
    fault(thrown) {
      context.faults.tell('a mirrored request', thrown);
      sent.cancel(() => {});
      end();
    },
  };
  choice.started(picked.index);
  held.share();
  const sent = new UpstreamTry(picked.address, connections, events, {
    method: asking.method,
    firstWrite: withBody(head, request.body, request.body.length > 0),
    wholeRequest: true,
    fresh: false,
    upgrade: false,
    maxHeadBytes: context.bounds.maxHeadBytes,
    maxHeaders: context.bounds.maxHeaders,
    timeoutMs: MIRROR_TIMEOUT_MS,
    timeoutUntil: 'end',
  });
  try {
    sent.start();
  } catch (thrown) {
    events.fault(thrown);
  }
}
