import type { KnownKind, KubeObject, ResourceSet } from '../../api/index.ts';
import type { WantedEvent } from '../../cluster/events/index.ts';
import type { RefusedObject } from '../../cluster/source/index.ts';
import type { Problem } from '../../translate/index.ts';
import type { Cycle } from '../cycle.ts';
import type { Contested } from './contested.ts';
import { contestedMessage } from './contested-source.ts';
import { refusedEvents } from './refused-events.ts';
import { warning } from './warning-event.ts';

export interface EventSubjects {
  readonly cycle: Cycle;
  readonly controllerNames: readonly string[];
  /** Kinds that must not be read now. */
  readonly unreadable: readonly KnownKind[];
  /** Objects that the API server has taken and that cannot be read here. */
  readonly refused: readonly RefusedObject[];
  /** GatewayClasses that another controller answers for as well. */
  readonly contested: readonly Contested[];
  /** Objects in whose status entries of ours find no room, and how many. */
  readonly leftOut: ReadonlyMap<KubeObject, number>;
}

/** Warnings that are told on their object as well as the errors: something that was asked for does not happen. */
const TOLD: ReadonlySet<Problem['code']> = new Set([
  'field-without-effect',
  'policy-without-effect',
  'policy-overridden',
  'policy-conflict',
  'limit-refuses-everything',
  'weights-add-up-to-zero',
]);

/** All that the Events on a cluster's objects say of one cycle. */
export function clusterEvents(subjects: EventSubjects): WantedEvent[] {
  const { cycle, controllerNames, unreadable, refused, contested, leftOut } = subjects;
  const { set, translation, report } = cycle;
  const classes = set
    .list('GatewayClass')
    .filter(({ spec }) => controllerNames.includes(spec.controllerName));
  return [
    ...problemEvents(set, translation.problems),
    ...refusedEvents(set, controllerNames, refused),
    ...contested.map(each => warning(each.gatewayClass, 'Contested', 'Serve', contestedMessage(each))),
    ...listenerEvents(cycle),
    ...[...leftOut].map(([object, count]) =>
      warning(
        object,
        'StatusFull',
        'WriteStatus',
        `The status has no room for ${count} more ${count === 1 ? 'entry' : 'entries'} of this controller: other controllers' entries fill its list.`,
      ),
    ),
    ...classes.flatMap(each => [
      ...(report.error === undefined
        ? []
        : [
            warning(
              each,
              'ConfigurationRefused',
              'Program',
              `The data plane refused the configuration, the last good one goes on: ${report.error}`,
            ),
          ]),
      ...unreadable.map(kind =>
        warning(
          each,
          'KindUnreadable',
          'Watch',
          `${kind} cannot be read: statuses that depend on it are not written. The controller needs the verbs list and watch for it.`,
        ),
      ),
    ]),
  ];
}

function problemEvents(set: ResourceSet, problems: readonly Problem[]): WantedEvent[] {
  const told = problems.filter(({ severity, code }) => severity === 'error' || TOLD.has(code));
  if (told.length === 0) return [];
  const objects = new Map(set.all().map(object => [titleOf(object.kind, object.metadata), object]));
  return told.flatMap(({ code, object: ref, message }) => {
    const object = objects.get(titleOf(ref.kind, ref));
    return object === undefined ? [] : [warning(object, camelCase(code), 'Translate', message)];
  });
}

function listenerEvents({ set, translation, report }: Cycle): WantedEvent[] {
  const gateways = new Map(translation.plan.servers.map(({ name, gateway }) => [name, gateway]));
  return report.servers.flatMap(({ name, error }) => {
    const ref = gateways.get(name);
    if (error === undefined || ref === undefined) return [];
    const gateway = set.get('Gateway', ref.namespace, ref.name);
    return gateway === undefined
      ? []
      : [warning(gateway, 'ListenerFailed', 'Bind', `${name} is not bound: ${error}`)];
  });
}

function titleOf(
  kind: string,
  { namespace = '', name }: { namespace?: string | undefined; name: string },
): string {
  return `${kind} ${namespace}/${name}`;
}

/** `policy-without-effect` → `PolicyWithoutEffect`: reasons of Events are so written. */
function camelCase(code: string): string {
  return code.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
