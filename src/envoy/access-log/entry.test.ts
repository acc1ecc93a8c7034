import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { ResponseFlagsSchema } from '../gen/envoy/data/accesslog/v3/accesslog_pb.ts';
import { StreamAccessLogsMessageSchema } from '../gen/envoy/service/accesslog/v3/als_pb.ts';
import { RESPONSE_FLAGS } from '../response-flags.ts';
import { type AccessLogEntry, readEntries } from './entry.ts';

type Init = MessageInitShape<typeof StreamAccessLogsMessageSchema>;
const encoded = (init: Init) =>
  Buffer.from(toBinary(StreamAccessLogsMessageSchema, create(StreamAccessLogsMessageSchema, init)));

function read(bytes: Buffer): AccessLogEntry[] {
  const entries: AccessLogEntry[] = [];
  readEntries(bytes, entry => entries.push(entry));
  return entries;
}

const nat = fc.nat({ max: 2 ** 31 - 1 });

test('what is written by the library is read, whatever else is in it', () => {
  const one = fc.record({
    requestId: fc.uuid(),
    status: fc.nat({ max: 599 }),
    seconds: fc.nat({ max: 1000 }),
    nanos: fc.nat({ max: 999_999_999 }),
    requestBytes: nat,
    responseBytes: nat,
    attempts: fc.nat({ max: 5 }),
    overflow: fc.boolean(),
    path: fc.string(),
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 5 }), requests => {
      const bytes = encoded({
        identifier: { logName: 'breakwater', node: { id: 'envoy' } },
        logEntries: {
          case: 'httpLogs',
          value: {
            logEntry: requests.map(one => ({
              commonProperties: {
                sampleRate: 1,
                customTags: { a: 'b' },
                upstreamCluster: 'httproute/default/a/rule/0',
                upstreamRemoteAddress: {
                  address: {
                    case: 'socketAddress',
                    value: { address: 'fd00::1', portSpecifier: { case: 'portValue', value: 8000 } },
                  },
                },
                timeToFirstUpstreamRxByte: { seconds: 1n, nanos: 500_000_000 },
                duration: { seconds: BigInt(one.seconds), nanos: one.nanos },
                responseFlags: { upstreamOverflow: one.overflow },
                upstreamTransportFailureReason: 'refused',
                upstreamRequestAttemptCount: one.attempts,
              },
              request: {
                path: one.path,
                requestId: one.requestId,
                requestBodyBytes: BigInt(one.requestBytes),
              },
              response: {
                responseCode: one.status,
                responseBodyBytes: BigInt(one.responseBytes),
                responseCodeDetails: 'via_upstream',
              },
            })),
          },
        },
      });
      assert.deepEqual(
        read(bytes),
        requests.map(one => ({
          requestId: one.requestId,
          cluster: 'httproute/default/a/rule/0',
          report: {
            upstream: '[fd00::1]:8000',
            status: one.status,
            flags: one.overflow ? ['UO'] : [],
            details: 'via_upstream',
            durationMs: one.seconds * 1000 + one.nanos / 1e6,
            firstByteMs: 1500,
            requestBytes: one.requestBytes,
            responseBytes: one.responseBytes,
            attempts: one.attempts,
            failure: 'refused',
          },
        })),
      );
    }),
  );
});

test('a request of which nothing is known', () => {
  assert.deepEqual(read(encoded({ logEntries: { case: 'httpLogs', value: { logEntry: [{}] } } })), [
    {
      requestId: '',
      cluster: '',
      report: {
        upstream: undefined,
        status: 0,
        flags: [],
        details: '',
        durationMs: 0,
        firstByteMs: undefined,
        requestBytes: 0,
        responseBytes: 0,
        attempts: 0,
        failure: undefined,
      },
    },
  ]);
});

/** Flags that the access log's message has a field for, by that field. */
const WORDS = {
  failedLocalHealthcheck: 'LH',
  noHealthyUpstream: 'UH',
  upstreamRequestTimeout: 'UT',
  localReset: 'LR',
  upstreamRemoteReset: 'UR',
  upstreamConnectionFailure: 'UF',
  upstreamConnectionTermination: 'UC',
  upstreamOverflow: 'UO',
  noRouteFound: 'NR',
  delayInjected: 'DI',
  faultInjected: 'FI',
  rateLimited: 'RL',
  unauthorizedDetails: 'UAEX',
  rateLimitServiceError: 'RLSE',
  downstreamConnectionTermination: 'DC',
  upstreamRetryLimitExceeded: 'URX',
  streamIdleTimeout: 'SI',
  invalidEnvoyRequestHeaders: 'IH',
  downstreamProtocolError: 'DPE',
  upstreamMaxStreamDurationReached: 'UMSDR',
  responseFromCacheFilter: 'RFCF',
  noFilterConfigFound: 'NFCF',
  durationTimeout: 'DT',
  upstreamProtocolError: 'UPE',
  noClusterFound: 'NC',
  overloadManager: 'OM',
  dnsResolutionFailure: 'DF',
  downstreamRemoteReset: 'DR',
} as const;

test('every flag has the name that the access log in text has', () => {
  assert.deepEqual(
    Object.keys(WORDS),
    ResponseFlagsSchema.fields.map(({ localName }) => localName),
  );
  for (const [name, word] of Object.entries(WORDS)) {
    const responseFlags = { [name]: name === 'unauthorizedDetails' ? { reason: 1 } : true };
    const bytes = encoded({
      logEntries: { case: 'httpLogs', value: { logEntry: [{ commonProperties: { responseFlags } }] } },
    });
    assert.deepEqual(read(bytes)[0]?.report.flags, [word]);
    assert.ok(RESPONSE_FLAGS.includes(word));
  }
});

test('garbage is refused or read as something else; nothing else is thrown', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      try {
        read(Buffer.from(bytes));
      } catch (error) {
        assert.match((error as Error).message, /cut off|wire type|10 bytes|field number 0/);
      }
    }),
  );
});
