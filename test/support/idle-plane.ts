import type { DecisionView } from '../../src/admin/wire.ts';
import type { Workloads } from '../../src/control/workloads.ts';
import type { Plan, PlaneReport } from '../../src/plan/index.ts';
import type { Plane } from '../../src/plane/data-plane.ts';

/** A plane that serves nothing: it binds no ports, and has one request in flight in each scope. */
export class IdlePlane implements Plane {
  readonly kind = 'embedded';
  plan: Plan | undefined;
  applied = 0;

  async apply(plan: Plan): Promise<PlaneReport> {
    this.plan = plan;
    this.applied++;
    const servers = plan.servers.map(({ name }) => ({ name, bound: { address: '127.0.0.1', port: 10_080 } }));
    return { version: plan.version, servers };
  }

  async explain(requestId: string) {
    const decision: DecisionView = {
      requestId,
      atMs: 0,
      verdict: 'picked',
      endpoint: '127.0.0.9:8000',
      candidates: [],
    };
    return requestId === 'known' ? decision : undefined;
  }

  async snapshot() {
    const limits = (this.plan?.limits ?? []).map(({ name }) => ({
      scope: name,
      active: 1,
      pending: 0,
      connections: 1,
      retries: 0,
      overflow: { maxParallelRequests: 2 },
    }));
    return { limits, endpoints: [] };
  }

  async metricsText() {
    return '# HELP up x\n';
  }

  async drain() {}
  async close() {}
}

/** Nothing runs, but for one Pod that somebody else has. */
export const oneForeignPod: Workloads = {
  apply: async () => {},
  pods: () => [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'vllm-0', namespace: 'default', labels: { app: 'vllm-llama2-7b-pool' } },
      status: { podIP: '127.0.0.9', phase: 'Running' },
    },
  ],
  deploymentStatuses: () => [],
  notes: () => [],
  onChange: () => () => {},
};
