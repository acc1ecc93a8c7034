import { type Condition, Conditions } from '../condition.ts';
import { serverName } from '../gateway/server-builder.ts';
import type { GatewayContext } from '../gateway/translate-gateway.ts';
import { nameInPlan } from '../listener/listener-owner.ts';
import type { ListenerContext } from '../listener/translate-listener.ts';
import { leftOutOf } from './left-out-status.ts';
import { type PlaneView, refusal } from './plane-view.ts';

interface ListenerStatus {
  readonly name: string;
  readonly supportedKinds: ListenerContext['supportedKinds'];
  readonly attachedRoutes: number;
  readonly conditions: readonly Condition[];
}

/** What is said of one listener of a Gateway or a ListenerSet (Gateway API, ListenerStatus and ListenerEntryStatus). */
export function listenerStatus(
  context: GatewayContext,
  listener: ListenerContext,
  view: PlaneView,
): ListenerStatus {
  const { spec, supportedKinds, attachedRoutes, conditions } = listener;
  const programmed = conditions.get('Programmed') ?? listenerProgrammed(context, listener, view);
  const others = conditions.list().filter(({ type }) => type !== 'Programmed');
  return { name: spec.name, supportedKinds, attachedRoutes, conditions: [programmed, ...others] };
}

function listenerProgrammed(context: GatewayContext, listener: ListenerContext, view: PlaneView): Condition {
  const { owner, spec } = listener;
  const conditions = new Conditions(owner.metadata.generation ?? 0);
  const set = (status: Condition['status'], reason: string, message: string): Condition =>
    conditions.set('Programmed', status, reason, message).get('Programmed')!;
  if (context.invalid !== undefined) return set('False', 'Invalid', 'The Gateway is not accepted');
  switch (view.kind) {
    case 'waiting':
      return set('False', 'Pending', 'Waiting for the data plane to take the configuration');
    case 'refused':
      return set('False', 'Invalid', refusal(view.error));
    case 'taken': {
      const name = nameInPlan(listener);
      const refused = leftOutOf(context.gateway, view).find(each => each.listener === name);
      if (refused !== undefined)
        return set('False', 'Invalid', `The data plane refused the listener: ${refused.message}`);
      const served = serverName(context, spec.port);
      const report = view.report.servers.find(server => server.name === served);
      if (report !== undefined && report.bound === undefined && report.error === undefined)
        return set('False', 'Pending', `No Service leads to port ${spec.port} yet`);
      if (report?.bound === undefined) {
        const why = report?.error === undefined ? '' : `: ${report.error}`;
        return set('False', 'PortUnavailable', `Port ${spec.port} is not bound${why}`);
      }
      const { address, port } = report.bound;
      return set('True', 'Programmed', `The data plane serves the listener on ${address}, port ${port}`);
    }
  }
}
