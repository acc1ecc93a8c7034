import { after, before } from 'node:test';
import { clusterSource } from '../../src/cluster/source/index.ts';
import { type OpenSource, sourceContract, type WrittenObject } from '../support/source-contract.ts';
import { crdObjects } from './lab/crds.ts';
import { Lab } from './lab/index.ts';

const OBJECTIVES = '/apis/inference.networking.x-k8s.io/v1alpha2/namespaces/default/inferenceobjectives';

let lab: Lab;

before(async () => {
  lab = await Lab.start({ crds: [], controllers: false });
  await lab.objects.applyCrds((await crdObjects('inference', () => {})).map(lax));
});
after(() => lab.stop());

/** As a later release may be: fields that are not known yet, and other types of those that are. */
function lax(crd: object): object {
  const copy = structuredClone(crd) as Crd;
  if (copy.spec.names.kind === 'InferenceObjective')
    for (const version of copy.spec.versions)
      version.schema.openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return copy;
}

interface Crd {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: { readonly schema: { openAPIV3Schema: object } }[];
  };
}

async function open(...objects: WrittenObject[]): Promise<OpenSource> {
  await lab.objects.ask('DELETE', OBJECTIVES);
  await lab.objects.apply(objects);
  return {
    source: await clusterSource({ server: lab.server }),
    write: (...written) => lab.objects.apply(written),
    remove: (...removed) => lab.objects.delete(removed),
  };
}

sourceContract('cluster', open, { isStrict: false });
