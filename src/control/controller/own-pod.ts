import { isIP } from 'node:net';
import { BreakwaterError } from '../../kernel/breakwater-error.ts';

/** The Pod that this controller runs in. */
export interface OwnPod {
  readonly name: string;
  readonly namespace: string;
  readonly ip: string;
}

/**
 * From what the install manifests set by the downward API; undefined outside of a cluster, where no Service could lead here.
 * @throws BreakwaterError when only some of them are set
 */
export function ownPod(env: NodeJS.ProcessEnv): OwnPod | undefined {
  const { POD_NAME: name = '', POD_NAMESPACE: namespace = '', POD_IP: ip = '' } = env;
  if (ip === '') return undefined;
  if (isIP(ip) === 0) throw new BreakwaterError('BW_USAGE', `POD_IP: expected an IP address, got "${ip}"`);
  if (name === '' || namespace === '')
    throw new BreakwaterError('BW_USAGE', 'POD_IP is set: expected POD_NAME and POD_NAMESPACE too');
  return { name, namespace, ip };
}
