import { z } from 'zod';
import { knownFields } from './known-fields.ts';
import type { RuleParams } from './schema-rules.ts';

/** What must be a name of some form, in the words of apimachinery's validation. */
function form(pattern: RegExp, maximum: number, explanation: string) {
  return ({ value, issues }: z.core.ParsePayload<string>) => {
    const params: RuleParams = { value };
    const add = (message: string) =>
      issues.push({ code: 'custom', message, input: value, path: [], params: { ...params }, continue: true });
    if (value.length > maximum) add(`must be no more than ${maximum} bytes`);
    if (!pattern.test(value)) add(explanation);
  };
}

/** RFC 1123 subdomain: metadata.name of most kinds. */
const subdomainName = form(
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  253,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
);

/** RFC 1123 label: of namespaces. */
export const labelName = form(
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  63,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
);

/** RFC 1035 label: of Services. */
export const serviceName = form(
  /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
  63,
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
);

const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const LABEL_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** The labels of an object. */
export const objectLabels = z.record(z.string(), z.string()).check(({ value: labels, issues }) => {
  for (const [key, value] of Object.entries(labels)) {
    const params: RuleParams = { at: [key], value };
    const add = (message: string) =>
      issues.push({
        code: 'custom',
        message,
        input: labels,
        path: [],
        params: { ...params },
        continue: true,
      });
    if (value.length > 63) add('must be no more than 63 bytes');
    if (!LABEL_VALUE.test(value)) add(LABEL_RULE);
  }
});

type NameForm = typeof subdomainName;

/** meta/v1 ObjectMeta. */
function metadata(nameForm: NameForm) {
  return knownFields(
    {
      name: z.string().check(nameForm),
      namespace: z.string().check(labelName).optional(),
      labels: objectLabels.optional(),
      annotations: z.record(z.string(), z.string()).optional(),
      generation: z.number().optional(),
      uid: z.string().optional(),
      resourceVersion: z.string().optional(),
      creationTimestamp: z.string().optional(),
      deletionTimestamp: z.string().optional(),
    },
    'generateName selfLink deletionGracePeriodSeconds ownerReferences finalizers managedFields',
  );
}

/** What all objects of Kubernetes have in common. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: z.infer<ReturnType<typeof metadata>>;
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** Schema of a kind: its own fields with the common ones. Statuses are what controllers write: they are not checked. */
export function kubeObject<Shape extends z.ZodRawShape>(shape: Shape, nameForm = subdomainName) {
  return z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: metadata(nameForm),
    status: z.unknown().optional(),
    ...shape,
  });
}
