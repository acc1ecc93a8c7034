import { once } from 'node:events';
import { Lab, labImages } from './index.ts';

/** `npm run cluster-lab`: a control plane to try things on by hand, until Ctrl-C. Prints the path of its kubeconfig. */
const lab = await Lab.start({ images: labImages });
const ended = Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map(signal => once(process, signal)));
console.log(lab.kubeconfig);
console.error(
  `cluster-lab: ready; KUBECONFIG=${lab.kubeconfig} kubectl get nodes\ncluster-lab: Ctrl-C stops it`,
);
await ended;
await lab.stop();
