import { parentPort } from 'node:worker_threads';
import { readPart } from './part.ts';
import type { PartReply, PartRequest } from './part-messages.ts';

/** A thread that reads large parts of manifests, one after the other. */
parentPort?.on('message', ({ text, unknownFields }: PartRequest) => {
  parentPort?.postMessage(readPart(text, unknownFields) satisfies PartReply);
});
