import { readFileSync } from 'node:fs';

/** Where a Pod's service account is mounted (Kubernetes, "Accessing the API from a Pod"). */
const MOUNTED = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** The namespace that this Pod runs in; elsewhere the one that the install manifests use. */
export function ownNamespace(): string {
  try {
    return readFileSync(MOUNTED, 'utf8').trim();
  } catch {
    return 'breakwater-system';
  }
}
