import type { Gateway } from '../../api/index.ts';
import type { Certificate, ClientValidation } from '../../plan/index.ts';
import { Conditions } from '../condition.ts';
import { type LabelSelector, selectorMatches, selectorProblem } from '../label-selector.ts';
import { clientValidationOf } from '../tls/client-validation.ts';
import { optionsForUs, optionsMessage } from '../tls/tls-options.ts';
import { certificatesOf } from '../tls/translate-certificate.ts';
import { type Context, GATEWAY_GROUP, namespaceLabels } from '../translation-context.ts';
import type { ListenerOwner, ListenerSpec } from './listener-owner.ts';

/** A listener as it was judged. `attachedRoutes` and `conditions` grow while the translation goes on. */
export interface ListenerContext {
  /** That serves it. */
  readonly gateway: Gateway;
  readonly owner: ListenerOwner;
  /** In its owner's list. */
  readonly index: number;
  readonly spec: ListenerSpec;
  /** Lower case; absent for every host. */
  readonly hostname?: string;
  readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[];
  readonly certificates: readonly Certificate[];
  readonly clientValidation?: ClientValidation;
  readonly conditions: Conditions;
  attachedRoutes: number;
}

const SUPPORTED_KIND = { group: GATEWAY_GROUP, kind: 'HTTPRoute' };
const SERVED_PROTOCOLS: ReadonlySet<string> = new Set(['HTTP', 'HTTPS']);

/** The listeners of a Gateway or of a ListenerSet of its, each judged for itself. */
export function judgeListeners(context: Context, gateway: Gateway, owner: ListenerOwner): ListenerContext[] {
  return owner.spec.listeners.map((spec, index) => judge(context, gateway, owner, spec, index));
}

/** Does the listener get a place in the plan? */
export function isServing({ conditions }: ListenerContext): boolean {
  return (
    conditions.is('Accepted', 'True') &&
    !conditions.is('Conflicted', 'True') &&
    (conditions.is('ResolvedRefs', 'True') ||
      conditions.get('ResolvedRefs')?.reason === 'PartiallyInvalidCertificateRef')
  );
}

export function allowsHttpRoutes({ supportedKinds }: ListenerContext): boolean {
  return supportedKinds.some(({ group, kind }) => group === GATEWAY_GROUP && kind === 'HTTPRoute');
}

/** Gateway API, AllowedRoutes.namespaces. */
export function allowsNamespace(context: Context, listener: ListenerContext, namespace: string): boolean {
  const namespaces = listener.spec.allowedRoutes?.namespaces;
  switch (namespaces?.from ?? 'Same') {
    case 'All':
      return true;
    case 'Selector': {
      const selector: LabelSelector | undefined = namespaces?.selector;
      return selector !== undefined && selectorMatches(selector, namespaceLabels(context, namespace));
    }
    default:
      return namespace === listener.owner.metadata.namespace;
  }
}

function judge(
  context: Context,
  gateway: Gateway,
  owner: ListenerOwner,
  spec: ListenerSpec,
  index: number,
): ListenerContext {
  const conditions = new Conditions(owner.metadata.generation ?? 0);
  const invalid = (path: readonly (string | number)[], message: string, reason = 'Invalid') => {
    conditions.set('Accepted', 'False', reason === 'Invalid' ? 'UnsupportedValue' : reason, message);
    conditions.set('Programmed', 'False', 'Invalid', message);
    context.problems.error('listener-invalid', owner, ['spec', 'listeners', index, ...path], message);
  };

  if (!SERVED_PROTOCOLS.has(spec.protocol)) {
    const message = `Protocol ${spec.protocol} is unsupported, must be HTTP or HTTPS.`;
    invalid(['protocol'], message, 'UnsupportedProtocol');
  }
  const { namespaces } = spec.allowedRoutes ?? {};
  if (namespaces?.from === 'Selector' && namespaces.selector === undefined) {
    const message =
      'The allowedRoutes.namespaces.selector field must be specified when allowedRoutes.namespaces.from is set to "Selector".';
    invalid(['allowedRoutes', 'namespaces', 'selector'], message);
  } else if (namespaces?.from === 'Selector') {
    const problem = selectorProblem(namespaces.selector as LabelSelector);
    const message = `The allowedRoutes.namespaces.selector could not be parsed: ${problem}.`;
    if (problem !== undefined) invalid(['allowedRoutes', 'namespaces', 'selector'], message);
  }
  if (spec.protocol === 'HTTP' && spec.tls !== undefined) {
    invalid(['tls'], 'Listener must not have TLS set when protocol is HTTP.');
  }
  const options = optionsForUs(spec.tls?.options);
  if (options.length > 0) invalid(['tls', 'options'], optionsMessage(options));
  const supportedKinds = kindsOf(context, owner, spec, index, conditions);
  const certificates =
    spec.protocol === 'HTTPS' ? certificatesOf(context, owner, spec, index, conditions, invalid) : [];
  const clientValidation =
    spec.protocol === 'HTTPS' ? clientValidationOf(context, gateway, spec.port, conditions) : undefined;
  return {
    gateway,
    owner,
    index,
    spec,
    ...(spec.hostname ? { hostname: spec.hostname.toLowerCase() } : {}),
    supportedKinds,
    certificates,
    ...(clientValidation === undefined ? {} : { clientValidation }),
    conditions,
    attachedRoutes: 0,
  };
}

/** Gateway API, ListenerStatus.supportedKinds: what was asked for and is supported, or all that is supported. */
function kindsOf(
  context: Context,
  owner: ListenerOwner,
  spec: ListenerSpec,
  index: number,
  conditions: Conditions,
): ListenerContext['supportedKinds'] {
  const asked = spec.allowedRoutes?.kinds ?? [];
  const isServed = SERVED_PROTOCOLS.has(spec.protocol);
  if (asked.length === 0) return isServed ? [SUPPORTED_KIND] : [];
  const supported = [];
  for (const [kindIndex, { group = GATEWAY_GROUP, kind }] of asked.entries()) {
    if (isServed && group === GATEWAY_GROUP && kind === 'HTTPRoute') {
      supported.push(SUPPORTED_KIND);
      continue;
    }
    const message = !isServed
      ? `${kind} is not supported, there are no routes of protocol ${spec.protocol}`
      : group === GATEWAY_GROUP
        ? `${kind} is not supported, kind must be one of [HTTPRoute]`
        : `Group is not supported, group must be ${GATEWAY_GROUP}`;
    conditions.set('ResolvedRefs', 'False', 'InvalidRouteKinds', message);
    const path = ['spec', 'listeners', index, 'allowedRoutes', 'kinds', kindIndex];
    context.problems.error('listener-invalid', owner, path, message);
  }
  return supported;
}

/** To be called when all is known of it. Programmed is left open unless the listener cannot be: that is for the plane to say. */
export function finishListener({ conditions }: ListenerContext): void {
  const failed = !conditions.isEmpty;
  conditions.setIfAbsent('Accepted', 'True', 'Accepted', 'Listener has been successfully translated');
  conditions.setIfAbsent('ResolvedRefs', 'True', 'ResolvedRefs', 'Listener references have been resolved');
  conditions.setIfAbsent('Conflicted', 'False', 'NoConflicts', 'No conflicts detected');
  const partly = conditions.get('ResolvedRefs')?.reason === 'PartiallyInvalidCertificateRef';
  if (failed && !partly) {
    conditions.setIfAbsent(
      'Programmed',
      'False',
      'Invalid',
      'Listener is invalid, see other Conditions for details.',
    );
  }
}
