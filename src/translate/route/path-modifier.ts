import type { HTTPRoute } from '../../api/index.ts';
import type { PathModifier } from '../../plan/index.ts';
import { shown } from '../shown.ts';

type Filter = NonNullable<NonNullable<HTTPRoute['spec']['rules']>[number]['filters']>[number];
type ModifierSpec = NonNullable<NonNullable<Filter['urlRewrite']>['path']>;

/**
 * What may be written into a request line and a `location` (RFC 3986, RFC 9112 section 3.2): printable ASCII. A blank ends
 * the target of a request line, a line break ends the line, and what is beyond ASCII is not one byte each.
 */
const PRINTABLE = /^[!-~]*$/;

/**
 * What a RequestRedirect or URLRewrite does to a path; the CRD takes any characters.
 * @param errors gets why it cannot be done
 */
export function pathModifier(path: ModifierSpec, errors: { field: string; message: string }[]): PathModifier {
  const field = path.type === 'ReplaceFullPath' ? 'replaceFullPath' : 'replacePrefixMatch';
  const value = path[field] || '/';
  const refuse = (why: string) => errors.push({ field, message: `${field} ${shown(value)} ${why}` });
  if (!PRINTABLE.test(value))
    refuse('has a blank, a control character or one that is not ASCII: it must be percent-encoded');
  else if (!value.startsWith('/')) refuse('must begin with /');
  else if (value.includes('#')) refuse('has a fragment, which a path cannot have');
  return { type: path.type, value };
}
