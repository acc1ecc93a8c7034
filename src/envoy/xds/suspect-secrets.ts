import { fromBinary } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import type { DataSource } from '../gen/envoy/config/core/v3/base_pb.ts';
import { type Secret, SecretSchema } from '../gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.ts';
import type { XdsResource } from './snapshot.ts';

/**
 * Which secrets of a response were refused. Envoy names none in its words, has read none that come after the first bad one, and
 * takes unread a secret that it has refused if it comes again as it was (SdsApi::onConfigUpdate keeps the hash before the
 * secret is tried). So the secrets of a refused response are sent again in halves, in other bytes that say the same, until
 * what is refused is one.
 */
export class SuspectSecrets {
  /** Names that are to be sent together, and with no others. */
  #groups: (readonly string[])[] = [];
  /** How often each was in a response that was refused. */
  readonly #refusals = new Map<string, number>();

  /** @returns the name that is to blame; undefined: it is not known yet, all are to be sent again */
  refused(names: readonly string[]): string | undefined {
    for (const name of names) this.#refusals.set(name, (this.#refusals.get(name) ?? 0) + 1);
    if (names.length <= 1) return names[0];
    const half = names.length >> 1;
    this.#groups.unshift(names.slice(0, half), names.slice(half));
    return undefined;
  }

  /** Of the secrets that are due, those that may be in one response. */
  together(due: readonly XdsResource[]): readonly XdsResource[] {
    while (this.#groups.length > 0) {
      const group = new Set(this.#groups[0]);
      const found = due.filter(({ name }) => group.has(name));
      if (found.length > 0) return found.map(secret => this.#anew(secret));
      this.#groups.shift();
    }
    return due.map(secret => this.#anew(secret));
  }

  /** The peer has dropped it. */
  forget(name: string): void {
    this.#refusals.delete(name);
  }

  #anew(secret: XdsResource): XdsResource {
    const times = this.#refusals.get(secret.name);
    if (times === undefined) return secret;
    return { ...secret, body: anyPack(SecretSchema, inOtherBytes(secret.body.value, times)) };
  }
}

/** What stands outside of PEM's blocks says nothing (RFC 7468, section 2). */
function inOtherBytes(bytes: Uint8Array, times: number): Secret {
  const secret = fromBinary(SecretSchema, bytes);
  const { type } = secret;
  if (type.case === 'tlsCertificate') lengthen(type.value.certificateChain, times);
  if (type.case === 'validationContext') lengthen(type.value.trustedCa, times);
  return secret;
}

function lengthen(source: DataSource | undefined, times: number): void {
  if (source?.specifier.case === 'inlineString') source.specifier.value += '\n'.repeat(times);
}
