import type { PodAddresses } from './downward.ts';
import type { Container } from './pod.ts';

export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly kind: 'running'; readonly startedAt: Date }
  | {
      readonly kind: 'terminated';
      readonly exitCode: number;
      readonly startedAt: Date;
      readonly finishedAt: Date;
    };

export interface ContainerStatus {
  readonly container: Container;
  readonly state: ContainerState;
  /** How it ended the last time, when it was started again. */
  readonly last: ContainerState | undefined;
  readonly restarts: number;
  readonly isStarted: boolean;
  readonly isReady: boolean;
}

export interface PodState {
  readonly addresses: PodAddresses;
  readonly startedAt: Date;
  readonly init: readonly ContainerStatus[];
  readonly isInitialized: boolean;
  readonly containers: readonly ContainerStatus[];
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly lastTransitionTime: string;
}

/** core/v1 PodStatus, as a kubelet writes it. @param before conditions of the status before, whose times hold while they do */
export function podStatus(
  state: PodState,
  before: readonly Condition[],
  now: Date,
): { conditions: Condition[] } {
  const { addresses, startedAt, init, isInitialized, containers } = state;
  const isReady = containers.every(each => each.isReady);
  const condition = (type: string, isTrue: boolean): Condition => {
    const status = isTrue ? 'True' : 'False';
    const same = before.find(each => each.type === type && each.status === status);
    return { type, status, lastTransitionTime: same?.lastTransitionTime ?? seconds(now) };
  };
  const status = {
    phase: phaseOf(init, containers),
    podIP: addresses.pod,
    podIPs: [{ ip: addresses.pod }],
    hostIP: addresses.node,
    startTime: seconds(startedAt),
    conditions: [
      condition('PodScheduled', true),
      condition('Initialized', isInitialized),
      condition('ContainersReady', isReady),
      condition('Ready', isReady),
    ],
    containerStatuses: containers.map(containerStatus),
    ...(init.length === 0 ? {} : { initContainerStatuses: init.map(containerStatus) }),
  };
  return status;
}

function phaseOf(init: readonly ContainerStatus[], containers: readonly ContainerStatus[]): string {
  if (init.some(({ state }) => hasEnded(state) && !hasSucceeded(state))) return 'Failed';
  if (containers.every(({ state }) => hasEnded(state)))
    return containers.every(({ state }) => hasSucceeded(state)) ? 'Succeeded' : 'Failed';
  const wasNeverStarted = ({ state, last }: ContainerStatus) =>
    state.kind === 'waiting' && last === undefined;
  return containers.some(wasNeverStarted) ? 'Pending' : 'Running';
}

function hasEnded(state: ContainerState): boolean {
  return state.kind === 'terminated';
}

export function hasSucceeded(state: ContainerState): boolean {
  return state.kind === 'terminated' && state.exitCode === 0;
}

function containerStatus({ container, state, last, restarts, isStarted, isReady }: ContainerStatus): object {
  return {
    name: container.name,
    image: container.image,
    imageID: '',
    ready: isReady || hasSucceeded(state),
    started: isStarted,
    restartCount: restarts,
    state: stateOf(state),
    ...(last === undefined ? {} : { lastState: stateOf(last) }),
  };
}

function stateOf(state: ContainerState): object {
  switch (state.kind) {
    case 'waiting': {
      const { reason, message } = state;
      return { waiting: { reason, message } };
    }
    case 'running':
      return { running: { startedAt: seconds(state.startedAt) } };
    case 'terminated': {
      const { exitCode, startedAt, finishedAt } = state;
      const reason = exitCode === 0 ? 'Completed' : 'Error';
      return {
        terminated: { exitCode, reason, startedAt: seconds(startedAt), finishedAt: seconds(finishedAt) },
      };
    }
  }
}

/** metav1.Time: no fractions. */
function seconds(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}
