import type { FastifyInstance, FastifyRequest } from 'fastify';
import { KINDS, parseObject } from '../api/index.ts';
import { BreakwaterError } from './errors.ts';
import { streamLines } from './line-stream.ts';
import type { StoredObject, WatchEvent } from './object-store.ts';
import type { Runtime } from './runtime.ts';
import type {
  ApplyRequest,
  ApplyResponse,
  ApplyResult,
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
    const stream = streamLines(reply);
    const since = Number(request.query.since ?? Number.POSITIVE_INFINITY);
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
    const results = request.body.objects.map(raw => applyOne(runtime, raw));
    await runtime.refresh();
    return { results };
  });

  app.post<{ Body: DeleteRequest }>('/v1/delete', async (request): Promise<DeleteResponse> => {
    if (!Array.isArray(request.body?.refs))
      throw new BreakwaterError('BW_BAD_REQUEST', 'expected {"refs": [...]}');
    const deleted = runtime.source.delete(request.body.refs);
    await runtime.refresh();
    return { deleted };
  });
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

function applyOne(runtime: Runtime, raw: unknown): ApplyResult {
  const { object, errors, warnings } = parseObject(raw);
  const claimed = raw as { apiVersion?: string; kind?: string; metadata?: { name?: string } } | null;
  const result = {
    apiVersion: object?.apiVersion ?? String(claimed?.apiVersion ?? ''),
    kind: object?.kind ?? String(claimed?.kind ?? ''),
    name: object?.metadata.name ?? String(claimed?.metadata?.name ?? ''),
    warnings: warnings.map(warning => warning.message),
  };
  if (object === undefined || errors.length > 0)
    return {
      ...result,
      outcome: 'invalid',
      message: invalidMessage(
        result,
        errors.map(error => error.message),
      ),
    };
  const [outcome] = runtime.source.apply([object]);
  return { ...result, outcome: outcome ?? 'unchanged' };
}

/** kubectl's words for an object that the API server refuses (HTTP 422). */
function invalidMessage({ kind, name }: { kind: string; name: string }, errors: readonly string[]): string {
  const causes = errors.length === 1 ? errors[0] : `\n${errors.map(error => `* ${error}`).join('\n')}`;
  return `The ${kind} "${name}" is invalid: ${causes}`;
}

/** Keys and passwords are for the owner of the token. */
function shown(object: StoredObject, authorized: boolean): StoredObject {
  if (object.kind !== 'Secret' || authorized) return object;
  return Object.fromEntries(
    Object.entries(object).filter(([field]) => field !== 'data' && field !== 'stringData'),
  ) as unknown as StoredObject;
}
