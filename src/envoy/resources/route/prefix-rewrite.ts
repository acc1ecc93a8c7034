/** How Envoy is told to replace the prefix of a path. */
export type PrefixRewrite =
  | { readonly kind: 'prefix'; readonly value: string }
  | { readonly kind: 'regex'; readonly regex: string; readonly value: string };

/**
 * Gateway API, HTTPPathModifier.replacePrefixMatch, replaces whole path elements; Envoy's prefix_rewrite replaces
 * characters. Where the two differ (a prefix replaced by the root, or `/` by something), a regular expression is used.
 */
export function prefixRewrite(matched: string, replacement: string): PrefixRewrite {
  const from = withoutSlash(matched);
  const to = withoutSlash(replacement);
  // `/foo` → `/`: what follows brings its own slash, and where nothing follows the root stays.
  if (to === '' && from !== '') return { kind: 'regex', regex: `^${escapeRegex(from)}/*`, value: '/' };
  // `/` → `/foo`: the slash that was matched is the one before what follows.
  if (from === '') return { kind: 'prefix', value: to === '' ? '/' : `${to}/` };
  return { kind: 'prefix', value: to };
}

function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** RE2 takes `\1` in a substitution for a group. */
export function escapeSubstitution(text: string): string {
  return text.replaceAll('\\', '\\\\');
}
