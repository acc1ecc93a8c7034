import { createHash } from 'node:crypto';
import type { Deployment, Pod } from '../api/index.ts';
import type { Replica } from './desired.ts';

/** A replica that answers. */
export interface RunningReplica {
  readonly replica: Replica;
  readonly address: string;
  readonly startedAt: Date;
  readonly restarts: number;
}

/** The Pod as a cluster would show it: running, ready, with its address. */
export function podObject({ replica, address, startedAt, restarts }: RunningReplica): Pod {
  const { template, server } = replica;
  const started = startedAt.toISOString().replace(/\.\d+Z$/, 'Z');
  const statuses = template.spec.containers.map(({ name, image }) => ({
    name,
    image: image ?? '',
    imageID: '',
    ready: true,
    started: true,
    restartCount: name === server.container ? restarts : 0,
    state: { running: { startedAt: started } },
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadataOf(replica, started),
    spec: { nodeName: 'localhost', ...template.spec },
    status: {
      phase: 'Running',
      conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map(type => ({
        type,
        status: 'True',
        lastTransitionTime: started,
      })),
      hostIP: '127.0.0.1',
      podIP: address,
      podIPs: [{ ip: address }],
      qosClass: 'BestEffort',
      startTime: started,
      containerStatuses: statuses,
    },
  };
}

function metadataOf(replica: Replica, started: string): Pod['metadata'] {
  const { ref, object, hash } = replica.owner;
  if (ref.kind === 'Pod') return { ...object.metadata, uid: uidOf(replica.key), creationTimestamp: started };
  const { annotations } = (object as Deployment).spec.template.metadata ?? {};
  const replicaSet = `${ref.name}-${hash}`;
  return {
    name: replica.podName,
    namespace: ref.namespace,
    generateName: `${replicaSet}-`,
    labels: { ...replica.template.labels, 'pod-template-hash': hash },
    ...(annotations === undefined ? {} : { annotations }),
    uid: uidOf(replica.podName),
    creationTimestamp: started,
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: replicaSet,
        uid: uidOf(replicaSet),
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  };
}

/** A UUID that is the same for the same name (RFC 9562, version 8: custom). */
function uidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
