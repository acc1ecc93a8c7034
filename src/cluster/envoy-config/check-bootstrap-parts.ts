type Json = Readonly<Record<string, unknown>>;

/**
 * Why an Envoy with this Bootstrap, whose fields are right, would not start, or its Pod never be ready: two listeners of one address or
 * clusters of one name, a route to a cluster that is not there, nobody who answers the probes.
 * @throws Error with what is wrong
 */
export function checkBootstrapParts(bootstrap: Json, readinessPort: number): void {
  const parts = of(bootstrap, 'static_resources');
  const listeners = listOf(of(parts, 'listeners'));
  const clusters = listOf(of(parts, 'clusters'));
  const names = new Set<unknown>();
  for (const [index, cluster] of clusters.entries()) {
    const name = of(cluster, 'name');
    if (names.has(name))
      throw new Error(
        `bootstrap: static_resources.clusters[${index}]: there is another cluster ${shown(name)}`,
      );
    names.add(name);
  }
  const admin = addressOf(of(bootstrap, 'admin'));
  const used = new Set(admin === undefined ? [] : [admin.key]);
  for (const [index, listener] of listeners.entries()) {
    const at = `static_resources.listeners[${index}]`;
    const address = addressOf(listener);
    if (address !== undefined && used.has(address.key))
      throw new Error(
        `bootstrap: ${at}: another listener, or the admin interface, has the address ${shown(address.key)}`,
      );
    if (address !== undefined) used.add(address.key);
    const missing = routedClusters(listener).find(name => !names.has(name));
    if (missing !== undefined)
      throw new Error(
        `bootstrap: ${at}: its route leads to the cluster ${shown(missing)}, which is not there`,
      );
  }
  if (!listeners.some(listener => addressOf(listener)?.port === readinessPort))
    throw new Error(
      `bootstrap: static_resources.listeners: none is at port ${readinessPort}, where the Pod is asked whether it is ready`,
    );
}

function addressOf(holder: unknown): { readonly key: string; readonly port: unknown } | undefined {
  const socket = of(of(holder, 'address'), 'socket_address');
  const port = of(socket, 'port_value');
  if (socket === undefined || port === undefined || Number(port) === 0) return undefined;
  const key = `${String(of(socket, 'protocol') ?? 'TCP')} ${String(of(socket, 'address'))}:${String(port)}`;
  return { key, port: Number(port) };
}

/** Of routes that stand in the listener itself: those that come later are judged when they come. */
function routedClusters(listener: unknown): string[] {
  const found: string[] = [];
  const waiting = [listener];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    const isChecked = of(next, 'validate_clusters') !== false;
    for (const [key, value] of Object.entries(next)) {
      if (key === 'route' && isObject(value) && typeof value['cluster'] === 'string')
        found.push(value['cluster']);
      if (isChecked) waiting.push(value);
    }
  }
  return found;
}

/** A field by either of its spellings. */
function of(value: unknown, name: string): unknown {
  if (!isObject(value)) return undefined;
  return value[name] ?? value[name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 200);
}
