import type { PlaneKind, ServerReport } from '../plan/index.ts';
import { setResolvedRefs } from './backend-certificate.ts';
import { fallsBackInsecurely } from './client-validation.ts';
import { type Condition, Conditions } from './condition.ts';
import type { GatewayContext, ManagedClass } from './gateway.ts';
import { type Address, boundAddresses } from './gateway-addresses.ts';
import type { GatewayServices } from './gateway-service.ts';
import { isServing, type ListenerContext } from './listener.ts';
import { type PlaneView, refusal } from './plane-view.ts';
import { seenElsewhere } from './seen-elsewhere.ts';
import { serverName } from './server-builder.ts';
import { type StatusEntry, statusEntry } from './status-entry.ts';
import { supportedFeatures } from './supported-features.ts';

/** GatewayStatus.addresses: at most 16. */
const MAX_ADDRESSES = 16;

export function classStatus(
  { gatewayClass, conditions }: ManagedClass,
  plane: PlaneKind | undefined,
): StatusEntry {
  return statusEntry(gatewayClass, {
    conditions: conditions.list(),
    ...(plane === undefined || !conditions.is('Accepted', 'True')
      ? {}
      : { supportedFeatures: supportedFeatures(plane).map(name => ({ name })) }),
  });
}

export function gatewayStatus(
  context: GatewayContext,
  services: GatewayServices | undefined,
  told: PlaneView,
): StatusEntry {
  const { gateway, listeners } = context;
  const view = seenElsewhere(told, context, services);
  const conditions = new Conditions(gateway.metadata.generation ?? 0);
  setAccepted(conditions, context);
  const reports = serverReports(context, view);
  const found = services === undefined ? boundAddresses(reports) : services.addresses(gateway);
  const addresses = found.slice(0, MAX_ADDRESSES);
  setProgrammed(conditions, context, reports, found, view);
  setResolvedRefs(conditions, context.backendCertificate);
  if (fallsBackInsecurely(gateway)) {
    const message = 'Clients are let in that show no certificate, or one that is not valid';
    conditions.set('InsecureFrontendValidationMode', 'True', 'ConfigurationChanged', message);
  }
  return statusEntry(gateway, {
    ...(addresses.length === 0 ? {} : { addresses }),
    conditions: conditions.list(),
    listeners: listeners.map(listener => listenerStatus(context, listener, view)),
  });
}

/** Envoy Gateway, computeGatewayAcceptedFromListeners. */
function setAccepted(conditions: Conditions, { listeners, invalid }: GatewayContext): void {
  if (invalid !== undefined) {
    conditions.set('Accepted', 'False', invalid.reason, invalid.message);
    return;
  }
  const failed = listeners.filter(listener => !listener.conditions.is('Accepted', 'True'));
  const names = failed
    .map(({ spec }) => spec.name)
    .sort()
    .join(', ');
  if (failed.length === 0) {
    conditions.set('Accepted', 'True', 'Accepted', 'The Gateway has been scheduled by Breakwater');
  } else if (failed.length < listeners.length) {
    conditions.set('Accepted', 'True', 'ListenersNotValid', `Listeners not valid: ${names}`);
  } else {
    conditions.set('Accepted', 'False', 'ListenersNotValid', `No listeners are valid: ${names}`);
  }
}

function setProgrammed(
  conditions: Conditions,
  { gateway, listeners, invalid }: GatewayContext,
  reports: readonly ServerReport[],
  addresses: readonly Address[],
  view: PlaneView,
): void {
  const set = (status: Condition['status'], reason: string, message: string) =>
    conditions.set('Programmed', status, reason, message);
  if (invalid !== undefined || !listeners.some(isServing)) {
    set('False', 'Invalid', 'The Gateway has nothing that can be served, see other Conditions for details.');
  } else if (view.kind === 'waiting') {
    set('False', 'Pending', 'Waiting for the data plane to take the configuration');
  } else if (view.kind === 'refused') {
    set('False', 'Invalid', refusal(view.error));
  } else if (addresses.length === 0) {
    set('False', 'AddressNotAssigned', `No addresses have been assigned to the Gateway${why(reports)}`);
  } else if (gateway.spec.addresses?.some(({ type }) => type === 'Hostname') === true) {
    set('False', 'AddressNotUsable', 'A Service cannot be given host names: addresses of type Hostname');
  } else if (reports.every(({ bound }) => bound === undefined)) {
    set('False', 'NoResources', `The data plane does not listen yet${why(reports)}`);
  } else {
    const cut =
      addresses.length > MAX_ADDRESSES
        ? `, of ${addresses.length} addresses the first ${MAX_ADDRESSES} are shown`
        : '';
    set('True', 'Programmed', `Address assigned to the Gateway, the data plane runs its configuration${cut}`);
  }
}

function why(reports: readonly ServerReport[]): string {
  const errors = reports.flatMap(({ error }) => error ?? []);
  return errors.length === 0 ? '' : `: ${errors.join('; ')}`;
}

/** The reports of this Gateway's servers, in order of its listeners. */
function serverReports(context: GatewayContext, view: PlaneView): ServerReport[] {
  if (view.kind !== 'taken') return [];
  const ports = new Set(context.listeners.filter(isServing).map(({ spec }) => spec.port));
  return [...ports].flatMap(
    port => view.report.servers.find(({ name }) => name === serverName(context, port)) ?? [],
  );
}

function listenerStatus(context: GatewayContext, listener: ListenerContext, view: PlaneView): object {
  const { spec, supportedKinds, attachedRoutes, conditions } = listener;
  const programmed = conditions.get('Programmed') ?? listenerProgrammed(context, listener, view);
  const others = conditions.list().filter(({ type }) => type !== 'Programmed');
  return { name: spec.name, supportedKinds, attachedRoutes, conditions: [programmed, ...others] };
}

function listenerProgrammed(
  context: GatewayContext,
  { gateway, spec }: ListenerContext,
  view: PlaneView,
): Condition {
  const conditions = new Conditions(gateway.metadata.generation ?? 0);
  const set = (status: Condition['status'], reason: string, message: string): Condition =>
    conditions.set('Programmed', status, reason, message).get('Programmed')!;
  if (context.invalid !== undefined) return set('False', 'Invalid', 'The Gateway is not accepted');
  switch (view.kind) {
    case 'waiting':
      return set('False', 'Pending', 'Waiting for the data plane to take the configuration');
    case 'refused':
      return set('False', 'Invalid', refusal(view.error));
    case 'taken': {
      const name = serverName(context, spec.port);
      const report = view.report.servers.find(server => server.name === name);
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
