import { once } from 'node:events';
import { connect } from 'node:net';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type ChannelCredentials,
  type Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  makeGenericClientConstructor,
} from '@grpc/grpc-js';
import type { ServerCertificate } from '../../tls/index.ts';
import {
  type ProcessingRequest,
  ProcessingRequestSchema,
  type ProcessingResponse,
} from '../gen/envoy/service/ext_proc/v3/external_processor_pb.ts';
import { grpcService } from '../grpc-js-for-test.ts';
import type { ExtProcBounds } from './ext-proc-bounds.ts';
import { ExtProcServer, type ExtProcServerOptions } from './ext-proc-server.ts';
import type { PickerState } from './picker-state.ts';
import { CLUSTER, type PlanOptions, POOL, pickerForTest } from './picker-state-for-test.ts';

type Stream = ClientDuplexStream<ProcessingRequest, ProcessingResponse>;
type Messages = MessageInitShape<typeof ProcessingRequestSchema>;

const closers: (() => unknown)[] = [];
/** After all tests of a file. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export interface Bench {
  readonly state: PickerState;
  readonly server: ExtProcServer;
  readonly events: string[];
  readonly tls: ServerCertificate | undefined;
}

export async function bench(
  options: PlanOptions = {},
  bounds: Partial<ExtProcBounds> = {},
  tls?: ServerCertificate,
  /** Other parts than the picker's own. */
  parts: (state: PickerState) => Partial<ExtProcServerOptions> = () => ({}),
): Promise<Bench> {
  const events: string[] = [];
  const state = pickerForTest(options, bounds, event => {
    // Nobody listens where its endpoints are.
    if (event.includes('[BW_')) events.push(event);
  });
  const server = await ExtProcServer.start({
    context: state.context,
    targetOf: cluster => (cluster === undefined ? state.pool(POOL) : state.cluster(cluster)),
    reported: entry => state.reported(entry),
    address: '127.0.0.1',
    port: 0,
    healthPort: 0,
    tls,
    onEvent: message => events.push(message),
    ...parts(state),
  });
  closers.push(async () => {
    await server.close();
    await state.close();
  });
  return { state, server, events, tls };
}

/** grpc-js as the client: another implementation of the protocol. */
export function clientOf(
  service: Parameters<typeof grpcService>[0],
  port: number,
  secret: ChannelCredentials,
): Client {
  const Constructor = makeGenericClientConstructor(grpcService(service), service.name);
  const client = new Constructor(`127.0.0.1:${port}`, secret, { 'grpc.max_send_message_length': -1 });
  closers.push(() => client.close());
  return client;
}

export const PROCESS_PATH = '/envoy.service.ext_proc.v3.ExternalProcessor/Process';
export const PROCESS_CALL = { ':method': 'POST', ':path': PROCESS_PATH, 'content-type': 'application/grpc' };
/** ProcessingRequest { request_headers { end_of_stream: true } }, with its prefix. */
export const PICK_REQUEST = Buffer.from([0, 0, 0, 0, 4, 0x12, 2, 0x18, 1]);

export const plain = credentials.createInsecure();

export function processOn(client: Client, cluster = CLUSTER): Stream {
  const metadata = new Metadata();
  metadata.set('x-breakwater-cluster', cluster);
  const call = (client as unknown as Record<string, (metadata: Metadata) => Stream>)['process']!(metadata);
  call.on('error', () => {});
  return call;
}

const message = (init: Messages) => create(ProcessingRequestSchema, init);
export const headers = (endOfStream: boolean) =>
  message({ request: { case: 'requestHeaders', value: { headers: { headers: [] }, endOfStream } } });

export async function answerOf(stream: Stream): Promise<ProcessingResponse> {
  const [answer] = (await once(stream, 'data')) as [ProcessingResponse];
  return answer;
}

export function inUse(state: PickerState): number {
  const { limits, endpoints } = state.snapshot();
  return (
    limits.reduce((sum, scope) => sum + scope.active, 0) +
    endpoints.reduce((sum, endpoint) => sum + endpoint.inFlight, 0)
  );
}

/** Writes bytes and waits until the server closes. */
export async function garbage(port: number, bytes: string | Buffer): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(bytes);
  socket.resume();
  await once(socket, 'close');
}
