import { ApiServer } from './api-server.ts';

export interface KubeConfigOptions {
  /** Path of a kubeconfig; absent: `$KUBECONFIG`, then `~/.kube/config`, then the Pod's service account. */
  readonly kubeconfig?: string;
  /** Of the kubeconfig; absent: its current one. */
  readonly context?: string;
}

/** The library is loaded here only: it takes a quarter of a second, and few commands need it. */
export async function loadApiServer({ kubeconfig, context }: KubeConfigOptions): Promise<ApiServer> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(kubeconfig);
  if (context !== undefined) {
    const known = config.getContexts().map(({ name }) => name);
    if (!known.includes(context))
      throw new Error(`the kubeconfig has no context ${context}: it has ${known.join(', ') || 'none'}`);
    config.setCurrentContext(context);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new Error(
      'no cluster: expected a kubeconfig ($KUBECONFIG, ~/.kube/config) or to run in a Pod with a service account',
    );
  return new ApiServer(config, cluster.server, cluster.proxyUrl !== undefined);
}
