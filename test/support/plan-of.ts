import assert from 'node:assert/strict';
import { parseAllDocuments } from 'yaml';
import { buildResourceSet, parseObject } from '../../src/api/index.ts';
import { PLUGIN_CATALOG } from '../../src/picker/index.ts';
import type { Plan } from '../../src/plan/index.ts';
import { type TranslateOptions, translate } from '../../src/translate/index.ts';

/** The plan of manifests that an API server would take. @param options of a translation for a cluster, where it is for one */
export function planOf(manifests: string, options: Partial<TranslateOptions> = {}): Plan {
  const entries = parseAllDocuments(manifests).map(document => {
    const { object, errors } = parseObject(document.toJS());
    assert.deepEqual(errors, []);
    return { object: object! };
  });
  return translate(buildResourceSet(entries), {
    controllerNames: ['gateway.envoyproxy.io/gatewayclass-controller'],
    plugins: PLUGIN_CATALOG,
    ...options,
  }).plan;
}
