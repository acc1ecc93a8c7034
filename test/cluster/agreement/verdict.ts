import { isDeepStrictEqual } from 'node:util';
import { parseObject } from '../../../src/api/index.ts';
import type { Lab, LabObject } from '../lab/index.ts';

export interface Verdict {
  /** What an API server says of an object that it does not take. */
  readonly refusal: string | undefined;
  /** How src/api judges it otherwise, or gives it other defaults. */
  readonly difference: string | undefined;
}

/** Kubernetes' own groups: its validation is code, and its defaults are more than src/api has fields. */
const BUILT_IN = ['v1', 'apps/v1', 'discovery.k8s.io/v1'];

/** Both judge an object: the real API server, by a dry run, and src/api. */
export async function judge(lab: Lab, object: object): Promise<Verdict> {
  const path = (await lab.objects.pathOf(object as LabObject)).replace(/\/[^/]+$/, '');
  // Unknown fields are pruned: both sides do.
  const { status, body } = await lab.server.request('POST', `${path}?dryRun=All&fieldValidation=Ignore`, {
    body: object,
    timeoutMs: 120_000,
  });
  const { message = '' } = body as { message?: string };
  // 500: what cannot even be decoded, as a number beyond its format.
  if (status >= 300 && ![400, 422, 500].includes(status)) throw new Error(`${path}: ${status} ${message}`);
  const refusal = status < 300 ? undefined : message;
  const ours = parseObject(object, 'warning');
  const wrong = ours.errors.map(error => error.message).join('; ');
  if ((refusal === undefined) !== (wrong === ''))
    return {
      refusal,
      difference:
        refusal === undefined
          ? `the API server takes it; here: ${wrong}`
          : `taken; the API server: ${refusal}`,
    };
  if (refusal !== undefined) return { refusal, difference: undefined };
  return { refusal, difference: different(body as LabObject, ours.object ?? {}) };
}

function different(theirs: LabObject, ours: object): string | undefined {
  const [a, b] = [fieldsOf(theirs), fieldsOf(ours)];
  if (BUILT_IN.includes(theirs.apiVersion) ? covers(a, b) : isDeepStrictEqual(a, b)) return undefined;
  return `other defaults\n    API server ${JSON.stringify(a)}\n    here       ${JSON.stringify(b)}`;
}

/** All but what every object has. */
function fieldsOf(object: object): object {
  const { apiVersion: _, kind: __, metadata: ___, status: ____, ...rest } = object as Record<string, unknown>;
  return rest;
}

/** Whether all of `part` is in `whole`. */
function covers(whole: unknown, part: unknown): boolean {
  // A Quantity may be written as a number.
  if (typeof part === 'number' && typeof whole === 'string') return whole === String(part);
  if (typeof part !== 'object' || part === null) return isDeepStrictEqual(whole, part);
  if (typeof whole !== 'object' || whole === null) return false;
  return Object.entries(part).every(
    // A Secret's text becomes bytes.
    ([key, value]) => key === 'stringData' || covers(Reflect.get(whole, key), value),
  );
}
