import type { FieldProblem } from '../api-error.ts';

type Problem = Omit<FieldProblem, 'loc'> & { readonly field: string };
type Message = Readonly<Record<string, unknown>>;

/** One kind of message: what pydantic complains of when it tries to read a message as this kind. */
interface Kind {
  readonly name: string;
  problems(message: Message): Problem[];
}

const missing = (field: string, input: unknown): Problem => ({
  field,
  type: 'missing',
  msg: 'Field required',
  input,
});

const notString = (field: string, input: unknown): Problem => ({
  field,
  type: 'string_type',
  msg: 'Input should be a valid string',
  input,
});

const notList = (field: string, input: unknown): Problem => ({
  field,
  type: 'list_type',
  msg: 'Input should be a valid list',
  input,
});

function role(message: Message, expected: string): Problem[] {
  const input = message['role'];
  if (input === undefined) return [missing('role', message)];
  if (input === expected) return [];
  const ctx = { expected: `'${expected}'` };
  return [{ field: 'role', type: 'literal_error', msg: `Input should be '${expected}'`, input, ctx }];
}

/** A text or anything that can be iterated over: lists and objects. */
function content(message: Message, isRequired: boolean): Problem[] {
  const input = message['content'];
  if (input === undefined) return isRequired ? [missing('content', message)] : [];
  if (typeof input === 'string' || (typeof input === 'object' && input !== null)) return [];
  if (input === null && !isRequired) return [];
  return [
    notString('content', input),
    { field: 'content', type: 'iterable_type', msg: 'Input should be iterable', input },
  ];
}

function required(message: Message, field: string): Problem[] {
  return message[field] === undefined ? [missing(field, message)] : [];
}

/** OpenAI's kinds of messages, then vLLM's own and harmony's, in the order in which they are tried. */
const KINDS: readonly Kind[] = [
  ...['developer', 'system', 'user'].map(name => ({
    name: `ChatCompletion${name[0]!.toUpperCase()}${name.slice(1)}MessageParam`,
    problems: (message: Message) => [...content(message, true), ...role(message, name)],
  })),
  {
    name: 'ChatCompletionAssistantMessageParam',
    problems: message => [...role(message, 'assistant'), ...content(message, false)],
  },
  {
    name: 'ChatCompletionToolMessageParam',
    problems: message => [
      ...content(message, true),
      ...role(message, 'tool'),
      ...required(message, 'tool_call_id'),
    ],
  },
  {
    name: 'ChatCompletionFunctionMessageParam',
    problems: message => [
      ...functionContent(message),
      ...required(message, 'name'),
      ...role(message, 'function'),
    ],
  },
  { name: 'CustomChatCompletionMessageParam', problems: custom },
  {
    name: 'Message',
    problems: message => [
      ...required(message, 'author'),
      ...(message['content'] === undefined || Array.isArray(message['content'])
        ? []
        : [notList('content', message['content'])]),
    ],
  },
];

function functionContent(message: Message): Problem[] {
  const input = message['content'];
  if (input === undefined) return [missing('content', message)];
  return input === null || typeof input === 'string' ? [] : [notString('content', input)];
}

/** Any role, and a content that is a text or a list. */
function custom(message: Message): Problem[] {
  const { role: name, content: input } = message;
  const roleProblems =
    name === undefined
      ? [missing('role', message)]
      : typeof name === 'string'
        ? []
        : [notString('role', name)];
  const isFine = input === undefined || typeof input === 'string' || Array.isArray(input);
  return isFine ? roleProblems : [...roleProblems, notString('content', input), notList('content', input)];
}

/**
 * What pydantic complains of when a message is of none of the kinds.
 * @param loc place of the message
 */
export function messageProblems(message: unknown, loc: readonly (string | number)[]): FieldProblem[] {
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    return KINDS.map(({ name }) =>
      name === 'Message'
        ? {
            type: 'model_attributes_type',
            loc: [...loc, name],
            msg: 'Input should be a valid dictionary or object to extract fields from',
            input: message,
          }
        : {
            type: 'dict_type',
            loc: [...loc, name],
            msg: 'Input should be a valid dictionary',
            input: message,
          },
    );
  const all: FieldProblem[] = [];
  for (const { name, problems } of KINDS) {
    const found = problems(message as Message);
    if (found.length === 0) return [];
    for (const { field, ...problem } of found) all.push({ ...problem, loc: [...loc, name, field] });
  }
  return all;
}
