import type { Gateway } from '../../api/index.ts';
import type { ListenerOwner } from '../listener/listener-owner.ts';
import type { FieldPath } from '../problem.ts';
import { optionsForUs } from '../tls/tls-options.ts';
import type { Context } from '../translation-context.ts';

/** Says of each field of a Gateway that changes nothing that it does not. */
export function reportGatewayFields(context: Context, gateway: Gateway): void {
  const { addresses, defaultScope, infrastructure } = gateway.spec;
  const report = reporter(context, gateway);
  report(['defaultScope'], defaultScope);
  if (context.gatewayServices === undefined) {
    const asked = addresses?.length ? addresses : undefined;
    report(['addresses'], asked, 'the addresses are those that Breakwater binds');
    const where = 'there is nothing on this machine to put them on';
    report(['infrastructure', 'labels'], infrastructure?.labels, where);
    report(['infrastructure', 'annotations'], infrastructure?.annotations, where);
  }
  reportListenerFields(context, gateway);
}

export function reportListenerFields(context: Context, owner: ListenerOwner): void {
  const report = reporter(context, owner);
  for (const [index, { tls }] of owner.spec.listeners.entries())
    if (optionsForUs(tls?.options).length === 0) report(['listeners', index, 'tls', 'options'], tls?.options);
}

function reporter({ problems }: Context, owner: ListenerOwner) {
  return (path: FieldPath, value: unknown, why = 'not implemented by Breakwater') => {
    if (value === undefined) return;
    const name = path.reduce<string>(
      (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${part}`),
      'spec',
    );
    problems.warning('field-without-effect', owner, ['spec', ...path], `${name} has no effect: ${why}`);
  };
}
