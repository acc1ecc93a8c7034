import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { LoggedEvent } from '../control/event-log.ts';
import type { Finding } from '../control/findings.ts';
import { processMetrics } from '../control/own-metrics.ts';
import type { Runtime } from '../control/runtime.ts';
import type { WorkloadView } from '../control/workloads.ts';
import { BreakwaterError } from '../kernel/breakwater-error.ts';
import { keptText } from '../kernel/index.ts';
import { streamLines } from './line-stream.ts';
import { endpointViews, limitViews } from './views.ts';
import type { EndpointView, LimitView } from './wire.ts';

/** State besides the objects: limits, endpoints, decisions, findings, events, metrics, health. */
export function addStateRoutes(
  app: FastifyInstance,
  runtime: Runtime,
  authorized: (request: FastifyRequest) => boolean,
): void {
  app.get(
    '/v1/limits',
    async (): Promise<LimitView[]> => limitViews(plan(runtime), await runtime.plane.snapshot()),
  );

  app.get(
    '/v1/endpoints',
    async (): Promise<EndpointView[]> => endpointViews(plan(runtime), await runtime.plane.snapshot()),
  );

  app.get('/v1/workloads', (): readonly WorkloadView[] => runtime.workloads.notes());
  app.get('/v1/findings', (): readonly Finding[] => runtime.cycle?.findings ?? []);
  app.get('/v1/plan', (request, reply) =>
    reply
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(plan(runtime) ?? {}, authorized(request) ? undefined : withoutKeys)),
  );

  app.get<{ Params: { id: string } }>('/v1/decisions/:id', async request => {
    const id = keptText(request.params.id);
    const decision = await runtime.plane.explain(id);
    if (decision === undefined)
      throw new BreakwaterError('BW_UNKNOWN_REQUEST', `no decision is kept for request "${id}"`);
    return decision;
  });

  app.get('/v1/events', (): readonly LoggedEvent[] => runtime.log.list());

  app.get('/v1/events/watch', (_request, reply) => {
    const stream = streamLines(reply);
    stream.onClose(runtime.log.onEvent(event => stream.write(event)));
  });

  app.get('/metrics', async (_request, reply) => {
    const text = `${await runtime.plane.metricsText()}${await processMetrics()}`;
    await reply.type('text/plain; version=0.0.4; charset=utf-8').send(text);
  });

  app.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok'));

  // Ready: the newest manifests are served, on every port that they ask for.
  app.get('/readyz', (_request, reply) => {
    const why = notReady(runtime);
    return reply
      .status(why === undefined ? 200 : 503)
      .type('text/plain')
      .send(why ?? 'ok');
  });
}

/** Private keys are for the owner of the token. */
function withoutKeys(field: string, value: unknown): unknown {
  return field === 'privateKeyPem' ? undefined : value;
}

function plan(runtime: Runtime) {
  return runtime.cycle?.translation.plan;
}

function notReady({ cycle }: Runtime): string | undefined {
  if (cycle === undefined) return 'starting';
  if (cycle.report.error !== undefined) return cycle.report.error;
  const unbound = cycle.report.servers.find(server => server.bound === undefined);
  return unbound === undefined ? undefined : `${unbound.name} is not bound: ${unbound.error ?? 'starting'}`;
}
