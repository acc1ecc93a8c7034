/** Fields whose values are the same whatever the weights are. */
const FIXED = new Set([
  ...['object', 'model', 'role', 'finish_reason', 'index', 'owned_by', 'parent', 'root', 'max_model_len'],
  ...['prompt_tokens', 'total_tokens', 'completion_tokens'],
]);

/** Keys in their order with the types of their values; what does not depend on the weights as it is. */
function shapeOf(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return key === 'bytes' ? 'bytes' : value.map(entry => shapeOf(entry));
  if (typeof value !== 'object' || value === null)
    return value === null || FIXED.has(key) ? value : typeof value;
  const entries = Object.entries(value);
  // Log probabilities by token, and by token id.
  const isTable = entries.length > 0 && entries.every(([, entry]) => typeof entry === 'number');
  if (isTable && key !== 'usage') return `${entries.length} numbers`;
  if (entries.some(([name]) => /^\d+$/.test(name))) return entries.map(([, entry]) => shapeOf(entry));
  return entries
    .filter(([name, entry]) => !isOlderKey(name, entry))
    .map(([name, entry]) => [name, shapeOf(entry, name)]);
}

/** The page's `tool_calls: []`, which today's vLLM leaves out. */
function isOlderKey(name: string, value: unknown): boolean {
  return name === 'tool_calls' && Array.isArray(value) && value.length === 0;
}

/** Of an answer: its shape, or of each of its events. */
export function shapesOf(text: string): unknown {
  if (!text.startsWith('data: ')) return shapeOf(JSON.parse(text));
  return text
    .trim()
    .split('\n\n')
    .map(event => event.slice('data: '.length))
    .map(data => (data === '[DONE]' ? data : shapeOf(JSON.parse(data))));
}
