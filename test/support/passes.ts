/** Files that run together: as many at once as there are cores, or one after another. */
export interface Pass {
  readonly files: readonly string[];
  readonly atOnce: number;
}

/** They begin first, so that the end is not one long file beside which a core waits. */
export const LONGEST: readonly string[] = [
  'test/clients/openai-pypi.test.ts',
  'test/e2e/pack.test.ts',
  'test/e2e/cli.test.ts',
  'test/proxy/client-leaves.test.ts',
  'test/faults/process.test.ts',
  'test/envoy-e2e/exact-limit.test.ts',
  'test/install/image.test.ts',
  'test/values/extremes.test.ts',
  'src/cluster/infrastructure/ending.test.ts',
  'test/envoy-e2e/seed.test.ts',
  'test/differential/routing.test.ts',
  'test/differential/pools.test.ts',
];

/**
 * What they show is a matter of time: that a second request comes while the first is answered, that somebody is back within so many
 * seconds, that so many requests of a load have their answers. Nothing else runs beside them.
 */
export const ALONE: readonly string[] = [
  'test/e2e/first-minute.test.ts',
  'test/e2e/guides.test.ts',
  'test/e2e/readme.test.ts',
  'test/envoy-e2e/picker-killed.test.ts',
  'test/envoy/picker.test.ts',
  'test/external-picker/killed.test.ts',
  'test/faults/many-routes.test.ts',
  'test/fuzz/traffic-envoy.test.ts',
  'test/fuzz/traffic.test.ts',
];

/** @param files paths from the root of the checkout */
export function passesOf(files: readonly string[], cores: number): readonly Pass[] {
  const alone = files.filter(file => ALONE.includes(file));
  const beside = files.filter(file => !alone.includes(file));
  const longest = LONGEST.filter(file => beside.includes(file));
  const passes = [
    { files: [...longest, ...beside.filter(file => !longest.includes(file))], atOnce: cores },
    { files: alone, atOnce: 1 },
  ];
  return passes.filter(({ files }) => files.length > 0);
}
