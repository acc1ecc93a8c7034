import type { Gateway } from '../api/index.ts';
import type { Context } from './context.ts';
import type { FieldPath } from './problem.ts';

/** Says of each field of a Gateway that changes nothing that it does not. */
export function reportGatewayFields({ problems, gatewayServices }: Context, gateway: Gateway): void {
  const { addresses, allowedListeners, defaultScope, infrastructure, listeners } = gateway.spec;
  const report = (path: FieldPath, value: unknown, why = 'not implemented by Breakwater') => {
    if (value === undefined) return;
    const name = path.reduce<string>(
      (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${part}`),
      'spec',
    );
    problems.warning('field-without-effect', gateway, ['spec', ...path], `${name} has no effect: ${why}`);
  };
  report(['allowedListeners'], allowedListeners);
  report(['defaultScope'], defaultScope);
  if (gatewayServices === undefined) {
    const asked = addresses?.length ? addresses : undefined;
    report(['addresses'], asked, 'the addresses are those that Breakwater binds');
    const where = 'there is nothing on this machine to put them on';
    report(['infrastructure', 'labels'], infrastructure?.labels, where);
    report(['infrastructure', 'annotations'], infrastructure?.annotations, where);
  }
  for (const [index, listener] of listeners.entries()) {
    report(['listeners', index, 'tls', 'options'], listener.tls?.options);
  }
}
