import type { Gateway, GatewayClass, ListenerSet } from '../../api/index.ts';
import { Conditions } from '../condition.ts';
import { selectorProblem } from '../label-selector.ts';
import { type EffectiveListeners, effectiveListeners } from '../listener/effective-listeners.ts';
import { listenerSetsByParent } from '../listener/translate-listener-set.ts';
import { compareAge } from '../object-age.ts';
import { type BackendCertificate, backendCertificateOf } from '../tls/backend-certificate.ts';
import { type Context, ENVOY_GATEWAY_GROUP, GATEWAY_GROUP } from '../translation-context.ts';
import { proxyFieldsWithoutEffect } from './envoy-proxy-no-effect.ts';
import { reportGatewayFields, reportListenerFields } from './gateway-no-effect.ts';

/** A GatewayClass whose controller is Breakwater. */
export interface ManagedClass {
  readonly gatewayClass: GatewayClass;
  readonly conditions: Conditions;
}

/** A Gateway of such a class. */
export interface GatewayContext extends EffectiveListeners {
  readonly gateway: Gateway;
  readonly gatewayClass: GatewayClass;
  readonly controllerName: string;
  readonly backendCertificate?: BackendCertificate;
  /** Why the whole Gateway cannot be served: it is not accepted, and has no servers. */
  readonly invalid?: { readonly reason: string; readonly message: string };
}

export function managedClasses(context: Context): ManagedClass[] {
  return context.set
    .list('GatewayClass')
    .filter(gatewayClass => context.controllerNames.has(gatewayClass.spec.controllerName))
    .map(gatewayClass => {
      const conditions = new Conditions(gatewayClass.metadata.generation ?? 0);
      const error = parametersError(
        context,
        gatewayClass.spec.parametersRef,
        gatewayClass.spec.parametersRef?.namespace,
      );
      if (error === undefined) {
        conditions.set('Accepted', 'True', 'Accepted', 'Valid GatewayClass');
      } else {
        conditions.set('Accepted', 'False', 'InvalidParameters', `Invalid parametersRef: ${error}`);
        context.problems.error(
          'gateway-parameters-not-found',
          gatewayClass,
          ['spec', 'parametersRef', 'name'],
          error,
        );
      }
      return { gatewayClass, conditions };
    });
}

/** The Gateways of our accepted classes, oldest first. */
export function managedGateways(context: Context, classes: readonly ManagedClass[]): GatewayContext[] {
  const byName = new Map(classes.map(managed => [managed.gatewayClass.metadata.name, managed]));
  const gateways: GatewayContext[] = [];
  const sets = listenerSetsByParent(context);
  for (const gateway of [...context.set.list('Gateway')].sort(compareAge)) {
    const className = gateway.spec.gatewayClassName;
    const managed = byName.get(className) ?? missingClass(context, gateway);
    if (managed === undefined) {
      const path = ['spec', 'gatewayClassName'];
      const other = context.set.get('GatewayClass', '', className);
      if (other === undefined) {
        context.problems.error(
          'gateway-class-not-found',
          gateway,
          path,
          `GatewayClass ${className} not found`,
        );
      } else {
        const ours = [...context.controllerNames].join(', ');
        const message = `the Gateway is left alone: its class is of controller ${other.spec.controllerName}, not of ${ours}`;
        context.problems.warning('gateway-class-not-found', gateway, path, message);
      }
      continue;
    }
    if (!managed.conditions.is('Accepted', 'True')) {
      const message = `GatewayClass ${className} is not accepted: the Gateway is not served`;
      context.problems.error('gateway-class-not-found', gateway, ['spec', 'gatewayClassName'], message);
      continue;
    }
    if (!byName.has(className)) {
      const message = `GatewayClass ${className} is not in the manifests: on one machine the Gateway is served all the same; a cluster needs a GatewayClass of controller ${managed.gatewayClass.spec.controllerName}`;
      context.problems.warning('gateway-class-not-found', gateway, ['spec', 'gatewayClassName'], message);
    }
    const own = sets.get(`${gateway.metadata.namespace}/${gateway.metadata.name}`) ?? [];
    gateways.push(gatewayContext(context, gateway, managed.gatewayClass, own));
  }
  return gateways;
}

/**
 * On a cluster a class comes with the installation of who implements it, and guides leave it out of their manifests. On one
 * machine nobody else could: the Gateway is served as one of ours.
 */
function missingClass(context: Context, { spec }: Gateway): ManagedClass | undefined {
  const { gatewayClassName: name } = spec;
  const [controllerName] = context.controllerNames;
  if (context.onCluster || controllerName === undefined) return undefined;
  // Where there are some, one that is not among them is a mistake.
  if (context.set.list('GatewayClass').length > 0) return undefined;
  const gatewayClass: GatewayClass = {
    apiVersion: `${GATEWAY_GROUP}/v1`,
    kind: 'GatewayClass',
    metadata: { name },
    spec: { controllerName },
  };
  const conditions = new Conditions(0).set('Accepted', 'True', 'Accepted', 'Valid GatewayClass');
  return { gatewayClass, conditions };
}

function gatewayContext(
  context: Context,
  gateway: Gateway,
  gatewayClass: GatewayClass,
  sets: readonly ListenerSet[],
): GatewayContext {
  const { controllerName } = gatewayClass.spec;
  const invalid = invalidity(context, gateway, gatewayClass);
  const backendCertificate = backendCertificateOf(context, gateway);
  const effective = effectiveListeners(context, gateway, sets, invalid !== undefined);
  reportGatewayFields(context, gateway);
  reportAllowedListeners(context, gateway);
  for (const { listenerSet } of effective.sets) reportListenerFields(context, listenerSet);
  return {
    gateway,
    gatewayClass,
    controllerName,
    ...effective,
    ...(backendCertificate === undefined ? {} : { backendCertificate }),
    ...(invalid === undefined ? {} : { invalid }),
  };
}

/** A selector that cannot be parsed lets no ListenerSet in. */
function reportAllowedListeners({ problems }: Context, gateway: Gateway): void {
  const { from, selector } = gateway.spec.allowedListeners?.namespaces ?? {};
  const problem = from === 'Selector' && selector !== undefined ? selectorProblem(selector) : undefined;
  if (problem === undefined) return;
  const path = ['spec', 'allowedListeners', 'namespaces', 'selector'];
  const message = `allowedListeners.namespaces.selector could not be parsed, no ListenerSet is let in: ${problem}`;
  problems.error('selector-invalid', gateway, path, message);
}

/** What is wrong with the Gateway apart from its listeners. */
function invalidity(
  context: Context,
  gateway: Gateway,
  gatewayClass: GatewayClass,
): GatewayContext['invalid'] {
  const parametersRef = gateway.spec.infrastructure?.parametersRef;
  const error = parametersError(context, parametersRef, gateway.metadata.namespace);
  if (error !== undefined) {
    const path = ['spec', 'infrastructure', 'parametersRef', 'name'];
    context.problems.error('gateway-parameters-not-found', gateway, path, error);
    return { reason: 'InvalidParameters', message: error };
  }
  const problem = context.parametersProblem(context.set, gateway, gatewayClass);
  if (problem !== undefined) {
    const message = `Invalid parametersRef: ${problem}`;
    context.problems.error('gateway-parameters-invalid', gateway, ['spec', 'infrastructure'], message);
    return { reason: 'InvalidParameters', message };
  }
  const message = unsupportedAddress(context, gateway);
  return message === undefined ? undefined : { reason: 'UnsupportedAddress', message };
}

/** Envoy Gateway, unsupportedAddressType: a Service can be asked for IP addresses. */
function unsupportedAddress({ problems, gatewayServices }: Context, gateway: Gateway): string | undefined {
  if (gatewayServices === undefined) return undefined;
  const { addresses = [] } = gateway.spec;
  const index = addresses.findIndex(({ type = 'IPAddress' }) => !['IPAddress', 'Hostname'].includes(type));
  if (index === -1) return undefined;
  const message = `Gateway has an address with an unsupported type: ${addresses[index]?.type}`;
  problems.error('address-unsupported', gateway, ['spec', 'addresses', index, 'type'], message);
  return message;
}

interface ParametersRef {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

function parametersError(
  context: Context,
  ref: ParametersRef | undefined,
  namespace = '',
): string | undefined {
  if (ref === undefined) return undefined;
  if (ref.group !== ENVOY_GATEWAY_GROUP || ref.kind !== 'EnvoyProxy') {
    return `unsupported parametersRef ${ref.group}/${ref.kind}, only ${ENVOY_GATEWAY_GROUP}/EnvoyProxy is supported`;
  }
  const found = context.set.get('EnvoyProxy', namespace, ref.name);
  if (found === undefined) return `EnvoyProxy ${namespace}/${ref.name} not found`;
  if (context.gatewayServices === undefined) return undefined;
  for (const { path, why } of proxyFieldsWithoutEffect(found.spec, context.plane))
    context.problems.warning('field-without-effect', found, path, `${path.join('.')} has no effect: ${why}`);
  return undefined;
}
