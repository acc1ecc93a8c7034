import { FaultLog, monotonicMs } from '../../kernel/index.ts';
import type { Route } from '../../plan/index.ts';
import { type Address, type Asker, Observers, SendingLife } from '../../request/index.ts';
import { BodyBytes } from '../codec/body-bytes.ts';
import type { UpstreamEvents } from '../codec/upstream-events.ts';
import type { UpstreamRequest } from '../codec/upstream-request.ts';
import type { ClusterRuntime } from '../request-context.ts';
import type { Dispatched } from './dispatched.ts';

/** A copy is no request of a client's. */
const NOBODY = new Observers([], new FaultLog(() => {}));
const MIRROR_TIMEOUT_MS = 60_000;

/** The request that is copied; what is held of its body stays held until every copy is sent or has failed. */
type Mirrored = Pick<Dispatched, 'context' | 'head' | 'body' | keyof Asker>;

/**
 * RequestMirror: a copy to each mirror, with a pick and a permit of its own; the answer is thrown away, and a copy that
 * is refused or fails is nobody's concern but the counters'.
 */
export function sendMirrors(request: Mirrored, route: Route, upload: UpstreamRequest, body: BodyBytes): void {
  const { clusters, faults, random } = request.context;
  for (const mirror of route.mirrors) {
    const cluster = clusters.get(mirror.cluster);
    if (cluster === undefined || random() >= mirror.ratio) continue;
    try {
      sendMirror(cluster, request, upload, body);
    } catch (thrown) {
      faults.tell('a mirrored request', thrown);
    }
  }
}

function sendMirror(
  cluster: ClusterRuntime,
  request: Mirrored,
  upload: UpstreamRequest,
  body: BodyBytes,
): void {
  const { context, body: held } = request;
  const life = new SendingLife({ ...context, observers: NOBODY }, request, '', monotonicMs());
  life.routed({ ...cluster, external: undefined });
  let shared = false;
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    if (shared) held.unshare();
    try {
      life.ended(undefined, monotonicMs());
    } finally {
      life.gone(monotonicMs());
    }
  };
  if (life.decide(body.bytes, monotonicMs()) !== 'send') {
    end();
    return;
  }
  const copy = life.rewritten === undefined ? body : new BodyBytes(life.rewritten);
  const events: UpstreamEvents = {
    admit() {
      if (life.admit(monotonicMs())) return true;
      end();
      return false;
    },
    refused(limit) {
      life.refused(limit);
      end();
    },
    sent() {},
    response() {},
    data() {},
    trailers() {},
    flush() {},
    drained() {},
    ended: end,
    upgraded: (_head, tunnel) => {
      tunnel.destroy();
      end();
    },
    failed: end,
    fault(thrown) {
      context.faults.tell('a mirrored request', thrown);
      sent.cancel(() => {});
      end();
    },
  };
  const address = cluster.choice.addresses[life.index] as Address;
  held.share();
  shared = true;
  const sent = cluster.connections.open(address, events, {
    request: { ...upload, whole: true, body: copy, saysEmpty: false },
    framing: '',
    fresh: false,
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
