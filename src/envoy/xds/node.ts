import type { Node } from '../gen/envoy/config/core/v3/base_pb.ts';

/** `envoy 1.40.0`, as far as the node says so. */
export function userAgent({ userAgentName, userAgentVersionType }: Node): string {
  const name = userAgentName || 'an unnamed client';
  const { case: form, value } = userAgentVersionType;
  if (form === 'userAgentVersion') return `${name} ${value}`;
  const version = form === 'userAgentBuildVersion' ? value.version : undefined;
  if (version === undefined) return name;
  return `${name} ${version.majorNumber}.${version.minorNumber}.${version.patch}`;
}
