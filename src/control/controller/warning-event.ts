import type { KubeObject } from '../../api/index.ts';
import type { WantedEvent } from '../../cluster/events/index.ts';

/** Something is not as who made the object wants it. */
export function warning(object: KubeObject, reason: string, action: string, note: string): WantedEvent {
  const { apiVersion, kind, metadata } = object;
  const { namespace = '', name, uid } = metadata;
  return {
    regarding: { apiVersion, kind, namespace, name, ...(uid === undefined ? {} : { uid }) },
    type: 'Warning',
    reason,
    action,
    note,
  };
}
