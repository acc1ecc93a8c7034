import { group, kind, namespaceName, objectName, portNumber } from '../common-schemas.ts';
import { rule } from '../schema-rules.ts';

/** BackendObjectReference */
export const backendObject = {
  group: group.default(''),
  kind: kind.default('Service'),
  name: objectName,
  namespace: namespaceName.optional(),
  port: portNumber.optional(),
};

export const servicePort = rule<{ group: string; kind: string; port?: number | undefined }>(
  'Must have port for Service reference',
  ref => ref.group !== '' || ref.kind !== 'Service' || ref.port !== undefined,
);
