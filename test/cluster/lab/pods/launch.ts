import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expandVariables } from '../../../../src/simulator/index.ts';
import { commandOf } from '../images/image.ts';
import { NotStarted } from './container-life.ts';
import { ContainerProcess } from './container-process.ts';
import type { PodAddresses } from './downward.ts';
import { environmentOf, type Texts } from './environment.ts';
import type { Container, Images, LabPod } from './pod.ts';
import type { PodPlace } from './pod-network.ts';
import { IMAGE_PATH } from './root.ts';
import type { Volumes } from './volumes.ts';

export interface LaunchSurroundings {
  readonly pod: LabPod;
  readonly place: PodPlace;
  readonly addresses: PodAddresses;
  readonly images: Images;
  readonly texts: Texts;
  readonly volumes: Volumes;
  /** Text by path in the container. */
  readonly files: Readonly<Record<string, string>>;
  /** Where the API server is, for Pods. */
  readonly kubernetes: { readonly host: string; readonly port: number };
  readonly folder: string;
  readonly log: string;
}

/** Starts a container of a Pod, with what its image, its environment and its volumes give it. */
export async function launch(
  container: Container,
  surroundings: LaunchSurroundings,
): Promise<ContainerProcess> {
  const { pod, place, addresses, images, texts, volumes, folder, log, kubernetes } = surroundings;
  const image = await imageOf(container, pod, images);
  const security = { ...pod.spec.securityContext, ...container.securityContext };
  const { runAsUser: user = image.user ?? 0, runAsGroup: group = user === 0 ? 0 : user } = security;
  if (security.runAsNonRoot === true && user === 0)
    throw new NotStarted(
      'CreateContainerConfigError',
      'container has runAsNonRoot and image will run as root',
    );
  const hostname = pod.spec.hostname ?? pod.metadata.name;
  const environment = environmentOf(container, pod, addresses, texts, {
    PATH: IMAGE_PATH,
    HOME: user === 0 ? '/root' : '/',
    HOSTNAME: hostname,
    KUBERNETES_SERVICE_HOST: kubernetes.host,
    KUBERNETES_SERVICE_PORT: `${kubernetes.port}`,
    KUBERNETES_SERVICE_PORT_HTTPS: `${kubernetes.port}`,
  });
  const expanded = (words?: readonly string[]) => words?.map(word => expandVariables(word, environment));
  const command = commandOf(image, expanded(container.command), expanded(container.args));
  if (command.length === 0) throw new NotStarted('CreateContainerError', 'no command specified');
  const root = {
    folder: join(folder, 'roots', container.name),
    hostname: hostname.slice(0, 63),
    mounts: await volumes.mountsOf(container),
    files: surroundings.files,
    programs: image.programs ?? {},
    workingDir: container.workingDir ?? '/',
    user,
    group,
    security,
  };
  await mkdir(root.folder, { recursive: true });
  const name = `${pod.metadata.namespace}/${pod.metadata.name} ${container.name}`;
  return ContainerProcess.start(name, place, root, command, environment, log);
}

async function imageOf(
  container: Container,
  pod: LabPod,
  images: Images,
): Promise<NonNullable<Awaited<ReturnType<Images>>>> {
  const image = await Promise.resolve(images(container, pod)).catch((error: Error) => {
    throw new NotStarted('ErrImagePull', error.message);
  });
  if (image === undefined)
    throw new NotStarted('ImagePullBackOff', 'the cluster lab runs nothing for this image');
  return image;
}
