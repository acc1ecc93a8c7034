import { enableCompileCache } from 'node:module';
import { parentPort } from 'node:worker_threads';
import type { Simulator } from '../simulator/index.ts';
import type { ThreadReply, ThreadRequest } from './thread-messages.ts';

// The thread in which all simulators run: a model server that computes must not slow down the data plane.

// A thread does not take part in the main thread's cache; loading is most of what starting a simulator costs.
enableCompileCache();
const { startSimulator } = await import('../simulator/index.ts');

const simulators = new Map<number, Simulator>();

parentPort!.on('message', (request: ThreadRequest) => {
  void (request.kind === 'start' ? start(request) : stop(request));
});

function reply(message: ThreadReply): void {
  parentPort!.postMessage(message);
}

async function start({ id, simulator }: Extract<ThreadRequest, { kind: 'start' }>): Promise<void> {
  const { options, address, port, files } = simulator;
  try {
    simulators.set(id, await startSimulator({ ...options, address, port, files: path => files[path] }));
    reply({ kind: 'started', id });
  } catch (error) {
    const { code = 'unknown', message } = error as NodeJS.ErrnoException;
    reply({ kind: 'failed', id, errorCode: code, message });
  }
}

async function stop({ id, graceMs }: Extract<ThreadRequest, { kind: 'stop' }>): Promise<void> {
  const simulator = simulators.get(id);
  simulators.delete(id);
  await simulator?.close(graceMs);
  reply({ kind: 'stopped', id });
}
