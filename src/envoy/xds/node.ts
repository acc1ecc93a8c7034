import type { Node } from '../gen/envoy/config/core/v3/base_pb.ts';

/** The oldest Envoy that takes all that a plan can say, and says all that the picker asks of it; tested with 1.37.0, 1.38.3 and 1.40.0. */
const OLDEST = { major: 1, minor: 37 };

/** Why a node is not served; one that does not say its version is taken at its word for the rest. */
export function versionProblem(node: Node): string | undefined {
  const { case: form, value } = node.userAgentVersionType;
  const version = form === 'userAgentBuildVersion' ? value.version : undefined;
  if (version === undefined) return undefined;
  const { majorNumber: major, minorNumber: minor } = version;
  const isOld = major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor);
  return isOld
    ? `${userAgent(node)} is older than ${OLDEST.major}.${OLDEST.minor}, the oldest that is served`
    : undefined;
}

/** `envoy 1.40.0`, as far as the node says so. */
export function userAgent({ userAgentName, userAgentVersionType }: Node): string {
  const name = userAgentName || 'an unnamed client';
  const { case: form, value } = userAgentVersionType;
  if (form === 'userAgentVersion') return `${name} ${value}`;
  const version = form === 'userAgentBuildVersion' ? value.version : undefined;
  if (version === undefined) return name;
  return `${name} ${version.majorNumber}.${version.minorNumber}.${version.patch}`;
}
