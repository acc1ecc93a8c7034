import type { PlaneKind, ServerReport } from '../../plan/index.ts';
import { type Condition, Conditions } from '../condition.ts';
import { type Address, boundAddresses } from '../gateway/gateway-addresses.ts';
import type { GatewayServices } from '../gateway/gateway-service.ts';
import { serverName } from '../gateway/server-builder.ts';
import type { GatewayContext, ManagedClass } from '../gateway/translate-gateway.ts';
import { isServing, type ListenerContext } from '../listener/translate-listener.ts';
import { setResolvedRefs } from '../tls/backend-certificate.ts';
import { fallsBackInsecurely } from '../tls/client-validation.ts';
import { listenerSetStatus } from './listener-set-status.ts';
import { listenerStatus } from './listener-status.ts';
import { type PlaneView, refusal } from './plane-view.ts';
import { seenElsewhere } from './seen-elsewhere.ts';
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

/** Of a Gateway, then of the ListenerSets that name it. */
export function gatewayStatuses(
  context: GatewayContext,
  services: GatewayServices | undefined,
  told: PlaneView,
): StatusEntry[] {
  const { gateway, own, sets } = context;
  const view = seenElsewhere(told, context, services);
  const conditions = new Conditions(gateway.metadata.generation ?? 0);
  setAccepted(conditions, context);
  const reports = serverReports(context, context.listeners, view);
  const found = services === undefined ? boundAddresses(reports) : services.addresses(gateway);
  const addresses = found.slice(0, MAX_ADDRESSES);
  setProgrammed(conditions, context, serverReports(context, own, view), found, view);
  setResolvedRefs(conditions, context.backendCertificate);
  if (fallsBackInsecurely(context)) {
    const message = 'Clients are let in that show no certificate, or one that is not valid';
    conditions.set('InsecureFrontendValidationMode', 'True', 'ConfigurationChanged', message);
  }
  const status = statusEntry(gateway, {
    ...(addresses.length === 0 ? {} : { addresses }),
    // Of no interest where the Gateway lets none in; and the CRD may be older than the field.
    ...(gateway.spec.allowedListeners === undefined
      ? {}
      : { attachedListenerSets: sets.filter(({ refusal }) => refusal === undefined).length }),
    conditions: conditions.list(),
    listeners: own.map(listener => listenerStatus(context, listener, view)),
  });
  const programmed = conditions.get('Programmed')!;
  return [status, ...sets.map(set => listenerSetStatus(context, set, programmed, view))];
}

/** By its own listeners alone (GEP-1713, "Gateway Conditions"; Envoy Gateway, computeGatewayAcceptedFromListeners). */
function setAccepted(conditions: Conditions, { own: listeners, invalid }: GatewayContext): void {
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
  { gateway, own, invalid }: GatewayContext,
  reports: readonly ServerReport[],
  addresses: readonly Address[],
  view: PlaneView,
): void {
  const set = (status: Condition['status'], reason: string, message: string) =>
    conditions.set('Programmed', status, reason, message);
  if (invalid !== undefined || !own.some(isServing)) {
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

/** What is reported of the ports of some of a Gateway's listeners, in their order. */
function serverReports(
  context: GatewayContext,
  listeners: readonly ListenerContext[],
  view: PlaneView,
): ServerReport[] {
  if (view.kind !== 'taken') return [];
  const ports = new Set(listeners.filter(isServing).map(({ spec }) => spec.port));
  return [...ports].flatMap(
    port => view.report.servers.find(({ name }) => name === serverName(context, port)) ?? [],
  );
}
