import { Client, credentials } from '@grpc/grpc-js';

const METHOD = '/grpc.health.v1.Health/Check';
const SERVING = 1;

/** Whether a server says that a service serves (grpc.health.v1). @param service may be empty: the server as a whole */
export async function checkHealth(target: string, service: string, signal: AbortSignal): Promise<boolean> {
  const client = new Client(target, credentials.createInsecure());
  try {
    return await new Promise<boolean>(resolve => {
      const call = client.makeUnaryRequest(METHOD, encode, decode, service, (error, status) =>
        resolve(error === null && status === SERVING),
      );
      signal.addEventListener('abort', () => call.cancel(), { once: true });
    });
  } finally {
    client.close();
  }
}

/** HealthCheckRequest: field 1 is the service's name. */
function encode(service: string): Buffer {
  const name = Buffer.from(service);
  if (name.length > 127) throw new Error(`the name of a gRPC service is too long: ${service}`);
  return name.length === 0 ? name : Buffer.concat([Buffer.of(0x0a, name.length), name]);
}

/** HealthCheckResponse: field 1 is the status, an enum below 128. */
function decode(message: Buffer): number {
  return message[0] === 0x08 ? (message[1] ?? 0) : 0;
}
