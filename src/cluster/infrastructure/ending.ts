import { createHash } from 'node:crypto';
import type { Gateway } from '../../api/index.ts';
import type { DrainTimes } from './drain.ts';
import type { Json } from './merge.ts';
import { ADMIN_CLUSTER, ENVOY, httpListener, localCluster, ROUTER } from './static-parts.ts';

/**
 * How a Pod that is to end is ended as soon as nothing is left in it, without a second container: its preStop hook asks Envoy, and is
 * answered when Envoy has seen in its own statistics that nothing is left. To ask changes nothing.
 */

/** Of the container's environment: the path that the hook asks for. */
export const ENDING_PATH_VARIABLE = 'BREAKWATER_ENDING_PATH';

/** A look at the statistics takes so long: nothing else in Envoy's Lua can wait. */
const LOOK_SECONDS = 1;
const LOOK_TIMEOUT_MS = 10_000;
/** Listener and cluster through which it looks. */
const NAME = 'ending';
/** An abstract socket: of the Pod's network, and nobody else's. */
const SOCKET: Json = { pipe: { path: '@breakwater/ending' } };
/** Whose connections are not those of the Gateway's clients. */
const OWN = ['admin', 'readiness', 'metrics', NAME];

/** What is counted of connections and requests, of each listener. Envoy may be told to count little else. */
export const COUNTED = '^http\\..*\\.downstream_(cx|rq)_active$';

/** What ends an Envoy's Pod is not for everybody in the Pod network: only who may read the Pod, or its Gateway, knows it. */
export function endingPath({ metadata }: Gateway): string {
  const secret = createHash('sha256').update(`ending ${metadata.uid}`).digest('hex');
  return `/ending/${secret.slice(0, 32)}`;
}

/** Of the readiness listener. */
export function endingFilter(times: DrainTimes): Json {
  return {
    name: 'envoy.filters.http.lua',
    typed_config: {
      '@type': `${ENVOY}.extensions.filters.http.lua.v3.Lua`,
      default_source_code: { inline_string: script(times) },
    },
  };
}

/** Answers for the admin interface, a second later. */
export function endingListener(): Json {
  const later = {
    name: 'envoy.filters.http.fault',
    typed_config: {
      '@type': `${ENVOY}.extensions.filters.http.fault.v3.HTTPFault`,
      delay: { fixed_delay: `${LOOK_SECONDS}s`, percentage: { numerator: 100 } },
    },
  };
  const route = { match: { prefix: '/stats' }, route: { cluster: ADMIN_CLUSTER } };
  return httpListener({ name: NAME, address: SOCKET, filters: [later, ROUTER], route });
}

export function endingCluster(): Json {
  return localCluster(NAME, SOCKET);
}

/**
 * Its own request must be among those that it sees: where Envoy was told not to count, nothing is known, and it serves for its longest
 * time. The number of looks has a bound because the clock may be set.
 */
function script({ minimumMs, idleMs, longestSeconds }: DrainTimes): string {
  return `local own = { ${OWN.map(name => `["${name}"] = true`).join(', ')} }
local look = {
  [":method"] = "GET",
  [":authority"] = "${NAME}",
  [":path"] = "/stats?filter=${encodeURIComponent(COUNTED)}",
}

-- Connections and requests of clients; nil when they are not known.
local function left(handle)
  local head, body = handle:httpCall("${NAME}", look, "", ${LOOK_TIMEOUT_MS})
  if head[":status"] ~= "200" or body == nil then return nil end
  local active = { cx = 0, rq = 0 }
  local sees = false
  for name, what, count in string.gmatch(body, "http%.([^\\n]*)%.downstream_(%a+)_active: (%d+)") do
    if not own[name] then active[what] = active[what] + tonumber(count)
    elseif name == "readiness" and what == "rq" then sees = tonumber(count) > 0 end
  end
  return sees and active or nil
end

function envoy_on_request(handle)
  local path = os.getenv("${ENDING_PATH_VARIABLE}")
  if path == nil or handle:headers():get(":path") ~= path then return end
  local began = handle:timestamp()
  for _ = 1, ${longestSeconds} do
    local active = left(handle)
    local passed = handle:timestamp() - began
    local is_over = passed >= ${longestSeconds * 1000}
    if active ~= nil then
      is_over = is_over or (passed >= ${minimumMs} and active.cx == 0) or (passed >= ${idleMs} and active.rq == 0)
    end
    if is_over then break end
  end
  handle:respond({ [":status"] = "200" }, "")
end
`;
}
