import type { JsonObject } from '@bufbuild/protobuf';
import { type Messages, staticBootstrap as made } from '../../src/envoy/static-bootstrap.ts';

export { messagesJson } from '../../src/envoy/static-bootstrap.ts';

/** What an Envoy without a control plane is started with to serve these messages; its admin interface has a free port. */
export function staticBootstrap(messages: Messages): JsonObject {
  return made(messages, { admin: { host: '127.0.0.1', port: 0 } });
}
