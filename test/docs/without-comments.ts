/** A program without what its comments say. Texts with `//` in them, as addresses have, stay: a comment follows a space. */
export function withoutComments(program: string): string {
  return program.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}
