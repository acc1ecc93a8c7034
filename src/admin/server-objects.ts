import type { FastifyInstance, FastifyRequest } from 'fastify';
import { KINDS } from '../api/index.ts';
import type { StoredObject, WatchEvent } from '../control/object-store.ts';
import type { Runtime } from '../control/runtime.ts';
import { BreakwaterError } from '../kernel/breakwater-error.ts';
import { applyObjects, deleteObjects, withErrors } from './apply-objects.ts';
import { streamLines } from './line-stream.ts';
import type {
  ApplyRequest,
  ApplyResponse,
  DeleteRequest,
  DeleteResponse,
  KindInfo,
  ObjectList,
} from './wire.ts';

/** Objects: list, watch, apply, delete. */
export function addObjectRoutes(
  app: FastifyInstance,
  runtime: Runtime,
  authorized: (request: FastifyRequest) => boolean,
): void {
  app.get('/v1/kinds', (): KindInfo[] => kindInfos());

  app.get<{ Querystring: { kind?: string; group?: string; namespace?: string } }>(
    '/v1/objects',
    (request): ObjectList => ({
      metadata: { resourceVersion: runtime.store.resourceVersion },
      items: runtime.store.list(request.query).map(object => shown(object, authorized(request))),
    }),
  );

  // NDJSON of watch events; `since` also gives what changed after that resourceVersion.
  app.get<{ Querystring: { since?: string } }>('/v1/watch', (request, reply) => {
    const mayAll = authorized(request);
    const line = (event: WatchEvent) => ({ ...event, object: shown(event.object, mayAll) });
    const since = sinceOf(request.query.since);
    const stream = streamLines(reply);
    for (const object of runtime.store.list())
      if (Number(object.metadata.resourceVersion) > since) stream.write(line({ type: 'MODIFIED', object }));
    const unsubscribe = runtime.store.onChange(events => {
      for (const event of events) stream.write(line(event));
    });
    stream.onClose(unsubscribe);
  });

  app.post<{ Body: ApplyRequest }>('/v1/apply', async (request): Promise<ApplyResponse> => {
    if (!Array.isArray(request.body?.objects))
      throw new BreakwaterError('BW_BAD_REQUEST', 'expected {"objects": [...]}');
    const applied = applyObjects(runtime.source, request.body.objects);
    await runtime.refresh();
    return { results: withErrors(applied, runtime.cycle?.findings ?? []) };
  });

  app.post<{ Body: DeleteRequest }>('/v1/delete', async (request): Promise<DeleteResponse> => {
    if (!Array.isArray(request.body?.refs))
      throw new BreakwaterError('BW_BAD_REQUEST', 'expected {"refs": [...]}');
    const deleted = deleteObjects(runtime.source, request.body.refs);
    await runtime.refresh();
    return { deleted };
  });
}

/** A resourceVersion; absent: nothing but what changes from now on. */
function sinceOf(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (!/^\d{1,15}$/.test(text))
    throw new BreakwaterError('BW_BAD_REQUEST', 'since: expected the resourceVersion of a list');
  return Number(text);
}

function kindInfos(): KindInfo[] {
  return KINDS.map(({ kind, group, versions, plural, singular, shortNames, namespaced }) => ({
    kind,
    group,
    version: versions[0] ?? '',
    plural,
    singular,
    shortNames,
    namespaced,
  }));
}

/** Keys and passwords are for the owner of the token. */
function shown(object: StoredObject, authorized: boolean): StoredObject {
  if (object.kind !== 'Secret' || authorized) return object;
  return Object.fromEntries(
    Object.entries(object).filter(([field]) => field !== 'data' && field !== 'stringData'),
  ) as unknown as StoredObject;
}
