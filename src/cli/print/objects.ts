import { columnsOf, labels } from './columns.ts';
import { type Obj, objectName, text } from './printed-fields.ts';
import { formatTable } from './table.ts';

export type OutputFormat =
  | { readonly kind: 'table'; readonly wide: boolean }
  | { readonly kind: 'json' | 'yaml' | 'name' }
  | { readonly kind: 'jsonpath'; readonly template: string };

export interface TableOptions {
  readonly nowMs: number;
  readonly headers: boolean;
  /** A NAMESPACE column comes first (`-A`). */
  readonly namespaces: boolean;
  /** A LABELS column comes last. */
  readonly showLabels: boolean;
  /** Names are written `kind.group/name`, where several kinds are asked for. */
  readonly qualified: boolean;
}

/** One table of objects of one kind. */
export function formatObjectTable(objects: readonly Obj[], isWide: boolean, options: TableOptions): string {
  const kind = objects[0]?.kind;
  if (kind === undefined) return '';
  const columns = columnsOf(kind, isWide);
  const header = [
    ...(options.namespaces ? ['NAMESPACE'] : []),
    ...columns.map(column => column.header),
    ...(options.showLabels ? ['LABELS'] : []),
  ];
  const rows = objects.map(object => [
    ...(options.namespaces ? [object.metadata.namespace ?? ''] : []),
    ...columns.map((column, index) =>
      index === 0 && options.qualified ? objectName(object) : column.cell(object, options.nowMs),
    ),
    ...(options.showLabels ? [labels(object.metadata['labels'])] : []),
  ]);
  return formatTable(options.headers ? header : undefined, rows);
}

/** Objects for programs: one as it is, several as a List. kubectl sorts the fields by name. */
export async function formatDocument(
  objects: readonly Obj[],
  single: boolean,
  format: Exclude<OutputFormat, { kind: 'table' }>,
): Promise<string> {
  if (format.kind === 'name') return objects.map(object => `${objectName(object)}\n`).join('');
  const document = sortFields(
    single && objects[0] !== undefined
      ? objects[0]
      : { apiVersion: 'v1', items: objects, kind: 'List', metadata: { resourceVersion: '' } },
  );
  switch (format.kind) {
    case 'json':
      return `${JSON.stringify(document, undefined, 4)}\n`;
    case 'yaml': {
      const { stringify } = await import('yaml');
      // As kubectl: what readers of YAML 1.1 take for a time or a boolean is quoted.
      return stringify(document, { lineWidth: 0, indentSeq: false, compat: 'yaml-1.1' });
    }
    case 'jsonpath': {
      const { printTemplate } = await import('./jsonpath.ts');
      return printTemplate(format.template, document);
    }
  }
}

function sortFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortFields);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, item]) => [key, sortFields(item)]),
  );
}

const FORMATS = ['json', 'yaml', 'name', 'wide', 'jsonpath=TEMPLATE'];

/** The value of `-o`; undefined when it is none of them. */
export function parseOutputFormat(value: string | undefined): OutputFormat | undefined {
  if (value === undefined || value === '') return { kind: 'table', wide: false };
  if (value === 'wide') return { kind: 'table', wide: true };
  if (value === 'json' || value === 'yaml' || value === 'name') return { kind: value };
  const jsonpath = /^jsonpath=(.*)$/s.exec(value);
  return jsonpath === null ? undefined : { kind: 'jsonpath', template: jsonpath[1] ?? '' };
}

export function unknownFormatMessage(value: string): string {
  return `unable to match a printer suitable for the output format "${text(value)}", allowed formats are: ${FORMATS.join(',')}`;
}
