import type { Pod } from '../../api/index.ts';
import type { PoolEndpoint } from '../../plan/index.ts';
import { shown } from '../shown.ts';
import type { Context } from '../translation-context.ts';

const SCRAPE = 'prometheus.io/scrape';
const SCHEME = 'prometheus.io/scheme';
const PORT = 'prometheus.io/port';
const PATH = 'prometheus.io/path';

type Metrics = Pick<PoolEndpoint, 'metricsPath' | 'metricsPort' | 'metricsTls' | 'unscraped'>;

/**
 * Where the annotations that Prometheus' own example configuration reads say that a Pod's metrics are.
 * @param port that serves
 * @param ports all that do: where the annotation names one of them, each engine of the Pod has its metrics at its own
 */
export function metricsOf({ metadata }: Pod, port: number, ports: readonly number[]): Metrics {
  const { [SCRAPE]: scrape, [SCHEME]: scheme, [PORT]: at, [PATH]: path } = metadata.annotations ?? {};
  const annotated = at === undefined ? undefined : portNumber(at);
  return {
    metricsPath: path || '/metrics',
    ...(annotated === undefined || annotated === port || ports.includes(annotated)
      ? {}
      : { metricsPort: annotated }),
    ...(scheme?.toLowerCase() === 'https' ? { metricsTls: true } : {}),
    ...(scrape === 'false' ? { unscraped: true } : {}),
  };
}

/** Says what of them cannot act. */
export function checkMetrics({ problems }: Context, pods: readonly Pod[]): void {
  for (const pod of pods) {
    const { [SCHEME]: scheme, [PORT]: port } = pod.metadata.annotations ?? {};
    const report = (annotation: string, message: string) =>
      problems.warning('annotation-invalid', pod, ['metadata', 'annotations', annotation], message);
    if (port !== undefined && portNumber(port) === undefined)
      report(
        PORT,
        `expected a port, 1 to 65535, got ${shown(port)}: metrics are scraped where the Pod serves`,
      );
    if (scheme !== undefined && !['http', 'https'].includes(scheme.toLowerCase()))
      report(SCHEME, `expected http or https, got ${shown(scheme)}: metrics are scraped over http`);
  }
}

function portNumber(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}
