export interface JsonProblem {
  readonly message: string;
  /** Index into the text. */
  readonly position: number;
}

/** Where and why Python's json.loads would refuse a text that JSON.parse refused. */
export function pythonJsonProblem(text: string): JsonProblem {
  const scan = new Scan(text);
  try {
    scan.space();
    scan.value();
    scan.space();
    return { message: 'Extra data', position: scan.at };
  } catch (problem) {
    if (problem instanceof Refusal) return { message: problem.message, position: problem.position };
    throw problem;
  }
}

class Refusal extends Error {
  readonly position: number;
  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** Nesting that is followed; Python's own limit is its recursion limit. */
const MAX_DEPTH = 900;

class Scan {
  readonly #text: string;
  #depth = 0;
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  space(): void {
    while (' \t\n\r'.includes(this.#text[this.at] ?? '.')) this.at++;
  }

  value(): void {
    const char = this.#text[this.at];
    if (char === '"') this.#string();
    else if (char === '{' || char === '[') {
      if (++this.#depth > MAX_DEPTH) throw new Refusal('Expecting value', this.at);
      if (char === '{') this.#object();
      else this.#array();
      this.#depth--;
    } else {
      const literal = /(?:null|true|false|NaN|-?Infinity|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)/y;
      literal.lastIndex = this.at;
      const match = literal.exec(this.#text);
      if (match === null) throw new Refusal('Expecting value', this.at);
      this.at = literal.lastIndex;
    }
  }

  #object(): void {
    this.at++;
    this.space();
    if (this.#text[this.at] === '}') {
      this.at++;
      return;
    }
    for (;;) {
      if (this.#text[this.at] !== '"')
        throw new Refusal('Expecting property name enclosed in double quotes', this.at);
      this.#string();
      this.space();
      if (this.#text[this.at] !== ':') throw new Refusal("Expecting ':' delimiter", this.at);
      this.at++;
      this.space();
      this.value();
      this.space();
      if (this.#ends('}')) return;
    }
  }

  #array(): void {
    this.at++;
    this.space();
    if (this.#text[this.at] === ']') {
      this.at++;
      return;
    }
    for (;;) {
      this.value();
      this.space();
      if (this.#ends(']')) return;
    }
  }

  /** Is the container over? Otherwise a comma is passed. */
  #ends(close: string): boolean {
    const char = this.#text[this.at];
    if (char !== close && char !== ',') throw new Refusal("Expecting ',' delimiter", this.at);
    this.at++;
    if (char === close) return true;
    this.space();
    return false;
  }

  #string(): void {
    const begin = this.at++;
    for (;;) {
      const char = this.#text[this.at];
      if (char === undefined) throw new Refusal('Unterminated string starting at', begin);
      if (char === '"') {
        this.at++;
        return;
      }
      if (char < ' ') throw new Refusal('Invalid control character at', this.at);
      if (char === '\\') {
        const escaped = this.#text[this.at + 1];
        if (escaped === undefined) throw new Refusal('Unterminated string starting at', begin);
        if (escaped === 'u') {
          if (!/^[0-9a-fA-F]{4}$/.test(this.#text.slice(this.at + 2, this.at + 6)))
            throw new Refusal('Invalid \\uXXXX escape', this.at + 1);
          this.at += 6;
        } else if ('"\\/bfnrt'.includes(escaped)) this.at += 2;
        else throw new Refusal('Invalid \\escape', this.at);
      } else this.at++;
    }
  }
}
