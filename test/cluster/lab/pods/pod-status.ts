import type { Container } from './pod.ts';

export interface ContainerState {
  readonly container: Container;
  readonly state: 'running' | 'no-image';
  readonly ready: boolean;
  readonly restarts: number;
}

/** core/v1 PodStatus, as a kubelet writes it. */
export function podStatus(address: string, containers: readonly ContainerState[]): object {
  const runs = containers.every(({ state }) => state === 'running');
  const ready = containers.every(each => each.ready);
  const condition = (type: string, isTrue: boolean) => ({ type, status: isTrue ? 'True' : 'False' });
  return {
    phase: runs ? 'Running' : 'Pending',
    podIP: address,
    podIPs: [{ ip: address }],
    conditions: [
      condition('PodScheduled', true),
      condition('Initialized', true),
      condition('ContainersReady', ready),
      condition('Ready', ready),
    ],
    containerStatuses: containers.map(({ container, state, ready: isReady, restarts }) => ({
      name: container.name,
      image: container.image,
      imageID: '',
      ready: isReady,
      started: state === 'running',
      restartCount: restarts,
      state:
        state === 'running'
          ? { running: {} }
          : {
              waiting: { reason: 'ImagePullBackOff', message: 'the cluster lab runs nothing for this image' },
            },
    })),
  };
}
