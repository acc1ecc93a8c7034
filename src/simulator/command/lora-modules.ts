import { CommandLineError, type LoraModule } from '../simulator-options.ts';

/** vLLM's LoRAParserAction: each word is `name=path`, or JSON with `name`, `path` and perhaps `base_model_name`. SGLang also takes bare paths, llm-d-inference-sim JSON without a path. */
export function parseLoraModules(
  words: readonly string[],
  nameIsOptional = false,
  pathIsOptional = false,
): LoraModule[] {
  return words
    .filter(word => word !== '')
    .flatMap(word => {
      if (/^[[{]/.test(word.trim())) return fromJson(word, pathIsOptional);
      const isPath = nameIsOptional && !word.includes('=');
      return [isPath ? { name: word, path: word, baseModelName: undefined } : fromPair(word)];
    });
}

function fromPair(word: string): LoraModule {
  const [name, path, ...more] = word.split('=');
  if (!name || !path || more.length > 0)
    throw new CommandLineError('--lora-modules', `Invalid format: ${word}. Expected name=path or JSON`);
  return { name, path, baseModelName: undefined };
}

function fromJson(word: string, pathIsOptional: boolean): LoraModule[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(word);
  } catch {
    throw new CommandLineError('--lora-modules', `Invalid JSON format for --lora-modules: ${word}`);
  }
  return (Array.isArray(parsed) ? parsed : [parsed]).map((entry: unknown) => {
    const {
      name,
      path = pathIsOptional ? name : undefined,
      base_model_name: base,
    } = (entry ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || typeof path !== 'string')
      throw new CommandLineError('--lora-modules', `Invalid fields for --lora-modules: ${word}`);
    return { name, path, baseModelName: typeof base === 'string' ? base : undefined };
  });
}
