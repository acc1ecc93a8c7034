import { createHash } from 'node:crypto';
import { printable } from '../../kernel/index.ts';
import { microTime } from '../leases/index.ts';

/** Something that who looks after an object should know. */
export interface WantedEvent {
  readonly regarding: {
    readonly apiVersion: string;
    readonly kind: string;
    /** '' for kinds without one. */
    readonly namespace: string;
    readonly name: string;
    readonly uid?: string;
  };
  readonly type: 'Normal' | 'Warning';
  /** Why, in CamelCase: for machines. */
  readonly reason: string;
  /** What was tried, in CamelCase. */
  readonly action: string;
  /** For people. */
  readonly note: string;
}

/** Who says it. */
export interface Reporter {
  readonly controller: string;
  readonly instance: string;
}

/** Bounds of events.k8s.io/v1 Event (pkg/apis/core/validation/events.go). */
const MAX_BYTES = { note: 1024, reason: 128, action: 128, instance: 128 } as const;

/** Two that are equal in this are one, seen again. */
export function eventKey({ regarding, type, reason, action, note }: WantedEvent): string {
  const { apiVersion, kind, namespace, name, uid = '' } = regarding;
  return JSON.stringify([apiVersion, kind, namespace, name, uid, type, reason, action, note]);
}

/** Where the Event of an object lives: those of objects without a namespace in `default`. */
export function eventNamespace({ regarding }: WantedEvent): string {
  return regarding.namespace === '' ? 'default' : regarding.namespace;
}

/** The same for all replicas, so that the next leader goes on with the series of the one before. */
export function eventName(event: WantedEvent): string {
  const hash = createHash('sha256').update(eventKey(event)).digest('hex').slice(0, 16);
  return `${event.regarding.name.slice(0, 253 - hash.length - 1)}.${hash}`;
}

/** An events.k8s.io/v1 Event. */
export function eventObject(event: WantedEvent, reporter: Reporter, wallMs: number): object {
  const { apiVersion, kind, namespace, name, uid } = event.regarding;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: eventName(event), namespace: eventNamespace(event) },
    eventTime: microTime(wallMs),
    reportingController: reporter.controller,
    reportingInstance: cut(reporter.instance, MAX_BYTES.instance),
    type: event.type,
    reason: cut(event.reason, MAX_BYTES.reason),
    action: cut(event.action, MAX_BYTES.action),
    // `kubectl describe` prints it as it is, with words of tenants and clients in it.
    note: cut(printable(event.note), MAX_BYTES.note),
    regarding: {
      apiVersion,
      kind,
      name,
      ...(namespace === '' ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    },
  };
}

/** EventSeries of an Event that was seen again. @param count from 2 */
export function seriesPatch(count: number, wallMs: number): object {
  return { series: { count: Math.max(2, count), lastObservedTime: microTime(wallMs) } };
}

/** Whole characters, as many as go into the bytes. */
function cut(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const bytes = Buffer.from(text).subarray(0, maxBytes - 3);
  return `${bytes.toString('utf8').replace(/\uFFFD+$/, '')}…`;
}
