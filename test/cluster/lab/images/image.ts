/** A container image, in the lab: the programs of this machine, and what stands for the image's own. */
export interface Image {
  /** ENTRYPOINT: what runs where a container has no `command`. */
  readonly entrypoint?: readonly string[];
  /** CMD: its arguments where a container has neither `command` nor `args`. */
  readonly arguments?: readonly string[];
  /** What runs the container's command in its place: it gets the command as its arguments. */
  readonly wrapper?: readonly string[];
  /** Programs that the image brings: path in the container → command of this machine, which gets the arguments. */
  readonly programs?: Readonly<Record<string, readonly string[]>>;
  /** USER of the image. */
  readonly user?: number;
}

/** Kubernetes' rule: `command` takes the place of both of the image's, `args` of its arguments. */
export function commandOf(
  image: Image,
  command: readonly string[] | undefined,
  args: readonly string[] | undefined,
): readonly string[] {
  const { wrapper = [], entrypoint = [], arguments: usual = [] } = image;
  if (command !== undefined && command.length > 0) return [...wrapper, ...command, ...(args ?? [])];
  const whole = [...entrypoint, ...(args ?? usual)];
  return whole.length === 0 ? [] : [...wrapper, ...whole];
}
