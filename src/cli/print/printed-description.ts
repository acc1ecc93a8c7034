import { ageSince } from './printed-age.ts';
import { type Obj, text, valueAt } from './printed-fields.ts';
import { formatTable } from './table.ts';

/** A titled part of a description: lines without indentation. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Fields whose content other parts of the description show. */
const SHOWN_APART = new Set(['apiVersion', 'kind', 'metadata', 'status']);

/** kubectl's description of an object: heading, fields as an outline, conditions as tables; then the sections. */
export function formatDescription(object: Obj, sections: readonly Section[], nowMs: number): string {
  const { metadata } = object;
  const heading: [string, string[]][] = [
    ['Name', [metadata.name]],
    ...(metadata.namespace === undefined
      ? []
      : ([['Namespace', [metadata.namespace]]] as [string, string[]][])),
    ['Labels', pairs(metadata['labels'], '=')],
    ['Annotations', pairs(metadata['annotations'], ': ')],
    ['API Version', [object.apiVersion]],
    ['Kind', [object.kind]],
    ['Generation', [text(metadata['generation']) || '<none>']],
    ['Age', [ageSince(metadata['creationTimestamp'], nowMs)]],
  ];
  const width = Math.max(...heading.map(([label]) => label.length)) + 3;
  const head = heading.flatMap(([label, values]) =>
    values.map((value, index) => `${(index === 0 ? `${label}:` : '').padEnd(width)}${value}`),
  );
  const fields = Object.fromEntries(Object.entries(object).filter(([field]) => !SHOWN_APART.has(field)));
  const lines = [
    ...head,
    ...outline(object.kind === 'Secret' ? redacted(fields) : fields),
    ...statusLines(valueAt(object, ['status'])),
    ...sections.flatMap(({ title, lines: body }) => [
      `${title}:`,
      ...body.map(line => `  ${line}`.trimEnd()),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function pairs(value: unknown, separator: string): string[] {
  if (typeof value !== 'object' || value === null) return ['<none>'];
  const lines = Object.entries(value).map(([key, item]) => `${key}${separator}${text(item)}`);
  return lines.length === 0 ? ['<none>'] : lines.sort();
}

/** An outline of fields: scalars of one level are aligned, lists go below their label. */
function outline(fields: Fields, indent = ''): string[] {
  const entries = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const scalars = entries.filter(([, value]) => typeof value !== 'object' || value === null);
  const width = Math.max(0, ...scalars.map(([name]) => title(name).length)) + 3;
  return entries.flatMap(([name, value]) => {
    const label = `${indent}${title(name)}:`;
    if (typeof value !== 'object' || value === null) {
      const [first = '', ...rest] = text(value).split('\n');
      return [label.padEnd(indent.length + width) + first, ...rest.map(line => `${indent}  ${line}`)].map(
        line => line.trimEnd(),
      );
    }
    const inner = `${indent}  `;
    if (!Array.isArray(value)) return [label, ...outline(value as Fields, inner)];
    return [
      label,
      ...value.flatMap(item =>
        typeof item === 'object' && item !== null
          ? outline(item as Fields, inner)
          : [`${inner}${text(item)}`],
      ),
    ];
  });
}

/** `gatewayClassName` → `Gateway Class Name`. Map keys such as `example.com/a` stay as they are. */
function title(name: string): string {
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) return name;
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').split(' ');
  return words.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
}

function redacted(fields: Fields): Fields {
  const hide = (value: unknown) =>
    Object.fromEntries(
      Object.entries(value ?? {}).map(([key, item]) => [key, `${text(item).length} characters`]),
    );
  return { ...fields, ...('data' in fields ? { data: hide(fields['data']) } : {}) };
}

function statusLines(status: unknown): string[] {
  if (typeof status !== 'object' || status === null) return [];
  const { conditions, listeners, parents, parent, ancestors, ...rest } = status as Fields;
  const more = outline(rest, '  ');
  return [
    ...(more.length === 0 ? [] : ['Status:', ...more]),
    ...conditionLines('Conditions', conditions),
    ...each(listeners).flatMap(item =>
      conditionLines(
        `Listener ${text(item['name'])} (${text(item['attachedRoutes'] ?? 0)} routes attached)`,
        item['conditions'],
      ),
    ),
    // A pool of inference.networking.x-k8s.io/v1alpha2 has `parent`.
    ...[...each(parents), ...each(parent)].flatMap(item =>
      conditionLines(`Parent ${reference(item['parentRef'])}`, item['conditions']),
    ),
    ...each(ancestors).flatMap(item =>
      conditionLines(`Ancestor ${reference(item['ancestorRef'])}`, item['conditions']),
    ),
  ];
}

function each(list: unknown): Fields[] {
  return Array.isArray(list) ? list.filter(item => typeof item === 'object' && item !== null) : [];
}

function reference(ref: unknown): string {
  const [kind, namespace, name, section] = ['kind', 'namespace', 'name', 'sectionName'].map(field =>
    text(valueAt(ref, [field])),
  );
  return `${kind || 'Gateway'} ${namespace ? `${namespace}/` : ''}${name}${section ? ` listener ${section}` : ''}`;
}

function conditionLines(label: string, conditions: unknown): string[] {
  const rows = each(conditions).map(condition =>
    ['type', 'status', 'reason', 'message'].map(field => text(condition[field]).replaceAll('\n', ' ')),
  );
  if (rows.length === 0) return [];
  const table = formatTable(['Type', 'Status', 'Reason', 'Message'], rows).trimEnd().split('\n');
  return [`${label}:`, ...table.map(line => `  ${line}`.trimEnd())];
}
