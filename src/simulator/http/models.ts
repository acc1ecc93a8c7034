import { wallMs } from '../../kernel/index.ts';
import type { Exchange } from './http-exchange.ts';
import { randomHex } from './ids.ts';
import type { ModelServer } from './simulated-server.ts';

/** `GET /v1/models`: the served names, then the adapters. */
export function models(server: ModelServer, exchange: Exchange): void {
  const created = Math.floor(wallMs() / 1000);
  const card = (id: string, root: string, parent: string | null, maxModelLen: number | null) => ({
    id,
    object: 'model',
    created,
    owned_by: 'vllm',
    root,
    parent,
    max_model_len: maxModelLen,
    permission: [permission(created)],
  });
  const base = server.modelNames.map(name => card(name, server.options.model, null, server.maxModelLen));
  const adapters = [...server.loras.values()].map(({ name, path, baseModelName }) =>
    card(name, path, baseModelName ?? server.modelNames[0]!, null),
  );
  exchange.sendJson(200, { object: 'list', data: [...base, ...adapters] });
}

function permission(created: number): object {
  return {
    id: `modelperm-${randomHex()}`,
    object: 'model_permission',
    created,
    allow_create_engine: false,
    allow_sampling: true,
    allow_logprobs: true,
    allow_search_indices: false,
    allow_view: true,
    allow_fine_tuning: false,
    organization: '*',
    group: null,
    is_blocking: false,
  };
}
