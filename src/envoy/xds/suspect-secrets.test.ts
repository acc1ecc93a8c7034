import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, fromBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { SecretSchema } from '../gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.ts';
import {
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
} from '../gen/envoy/service/discovery/v3/discovery_pb.ts';
import { DELTA } from './delta.ts';
import { makeSnapshot, type Snapshot } from './snapshot.ts';
import { StreamCore } from './stream-core.ts';
import { TYPE_URLS } from './types.ts';

const typeUrl = TYPE_URLS.secret;

function snapshotOf(pems: Readonly<Record<string, string>>): Snapshot {
  return makeSnapshot({
    secrets: Object.entries(pems).map(([name, value]) =>
      create(SecretSchema, {
        name,
        type: {
          case: 'tlsCertificate',
          value: { certificateChain: { specifier: { case: 'inlineString', value } } },
        },
      }),
    ),
  });
}

/** What Envoy does with secrets: it reads them in their order until one is bad, each only where it is another than the last. */
class ModelEnvoy {
  readonly core = new StreamCore(DELTA, 1000);
  /** The last that it was told, bad ones too. */
  readonly #told = new Map<string, string>();
  readonly serves = new Map<string, string>();
  responses = 0;

  constructor(names: readonly string[]) {
    this.core.receive(
      'secret',
      create(DeltaDiscoveryRequestSchema, { typeUrl, resourceNamesSubscribe: [...names] }),
    );
  }

  settle(snapshot: Snapshot): void {
    this.core.snapshot = snapshot;
    for (let i = 0; i < 1000; i++) {
      const [response] = this.core.responses(0);
      if (response === undefined) return;
      this.responses++;
      const error = this.#read(response);
      const errorDetail = error === undefined ? {} : { errorDetail: { code: 13, message: error } };
      this.core.receive(
        'secret',
        create(DeltaDiscoveryRequestSchema, { typeUrl, responseNonce: response.nonce, ...errorDetail }),
      );
    }
    throw new Error('it does not end');
  }

  #read({ resources }: DeltaDiscoveryResponse): string | undefined {
    for (const { name, resource } of resources) {
      const text = Buffer.from(resource?.value ?? []).toString();
      if (this.#told.get(name) === text) continue;
      this.#told.set(name, text);
      const { type } = fromBinary(SecretSchema, resource?.value ?? new Uint8Array());
      const source = type.case === 'tlsCertificate' ? type.value.certificateChain?.specifier.value : '';
      if (String(source).startsWith('bad')) return 'Failed to load certificate chain from <inline>';
      this.serves.set(name, String(source).trim());
    }
    return undefined;
  }

  get rejected(): string[] {
    return this.core
      .rejections()
      .map(({ name }) => name)
      .sort();
  }
}

const NAMES = Array.from({ length: 32 }, (_, i) => `s${String(i).padStart(2, '0')}`);
const sets = fc.array(fc.subarray(NAMES), { minLength: 1, maxLength: 4 });

test('of any secrets that are bad at once, and again later, each is named and no other; all others are read', () => {
  fc.assert(
    fc.property(sets, rounds => {
      const envoy = new ModelEnvoy(NAMES);
      for (const [round, bad] of rounds.entries()) {
        const of = (name: string) => (bad.includes(name) ? 'bad' : `good ${round}`);
        envoy.settle(snapshotOf(Object.fromEntries(NAMES.map(name => [name, of(name)]))));
        assert.deepEqual(envoy.rejected, [...bad].sort());
        for (const name of NAMES)
          if (!bad.includes(name)) assert.equal(envoy.serves.get(name), `good ${round}`);
      }
    }),
    { numRuns: 30 },
  );
});

test('what was refused is read once more when it is told again as it was', () => {
  const envoy = new ModelEnvoy(NAMES);
  const snapshot = snapshotOf(
    Object.fromEntries(NAMES.map((name, i) => [name, i % 8 === 3 ? 'bad' : 'good'])),
  );
  for (let i = 0; i < 3; i++) {
    envoy.settle(snapshot);
    assert.deepEqual(envoy.rejected, ['s03', 's11', 's19', 's27']);
    envoy.core.forgetRejections();
  }
});

test('one bad secret of 1,024 is found in few responses, and good ones come in one', () => {
  const names = Array.from({ length: 1024 }, (_, i) => `s${i}`);
  for (const [bad, most] of [
    [[], 1],
    [['s700'], 25],
  ] as const) {
    const envoy = new ModelEnvoy(names);
    const of = (name: string) => ((bad as readonly string[]).includes(name) ? 'bad' : 'good');
    envoy.settle(snapshotOf(Object.fromEntries(names.map(name => [name, of(name)]))));
    assert.deepEqual(envoy.rejected, bad);
    assert.ok(envoy.responses <= most, `${envoy.responses} responses`);
  }
});
