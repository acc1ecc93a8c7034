/**
 * What `get`, `describe` and `delete` are asked for, in kubectl's forms: `KIND`, `KIND,KIND`, `KIND NAME…`, `KIND/NAME…`.
 * https://kubernetes.io/docs/reference/kubectl/#resource-types
 */
export type ResourceArguments =
  | { readonly form: 'list'; readonly types: readonly string[] }
  | { readonly form: 'named'; readonly refs: readonly { readonly type: string; readonly name: string }[] };

/** @returns a sentence when the arguments make no sense */
export function parseResourceArguments(args: readonly string[]): ResourceArguments | string {
  const [first, ...rest] = args;
  if (first === undefined) return 'Required resource not specified.';
  if (args.some(arg => arg.includes('/'))) {
    const refs = [];
    for (const arg of args) {
      const [type, name, ...more] = arg.split('/');
      if (name === undefined)
        return "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'breakwater get resource/<resource_name>' instead of 'breakwater get resource resource/<resource_name>')";
      if (more.length > 0 || type === undefined || type === '' || name === '')
        return `arguments in resource/name form must have a single resource and name, got "${arg}"`;
      refs.push(...type.split(',').map(each => ({ type: each, name })));
    }
    return { form: 'named', refs };
  }
  const types = first.split(',').filter(type => type !== '');
  if (types.length === 0) return 'Required resource not specified.';
  if (rest.length === 0) return { form: 'list', types };
  return { form: 'named', refs: types.flatMap(type => rest.map(name => ({ type, name }))) };
}
