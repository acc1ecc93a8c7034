import { z } from 'zod';

/**
 * Schema of an object of Kubernetes itself of which few fields matter here: those of `shape` are checked, the others that
 * the API has are named only, so that a misspelt one is warned of. Kept as they are.
 *
 * @param others names, separated by spaces
 */
export function knownFields<Shape extends z.ZodRawShape>(
  shape: Shape,
  others: string,
): z.ZodObject<Shape, z.core.$loose> {
  const named = others.split(' ').map(name => [name, z.unknown().optional()] as const);
  return z.strictObject({ ...Object.fromEntries(named), ...shape }) as unknown as z.ZodObject<
    Shape,
    z.core.$loose
  >;
}
