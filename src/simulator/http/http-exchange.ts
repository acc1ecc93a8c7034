import type { IncomingMessage, ServerResponse } from 'node:http';
import { wallMs } from '../../kernel/index.ts';
import { ApiError, FrameworkError, unsupportedMediaType, validationError } from './api-error.ts';
import { pythonJsonProblem } from './python-json-error.ts';

/** A body that is larger is refused: no prompt of a simulated model comes near. */
const MAX_BODY_BYTES = 64 * 2 ** 20;

/** Starlette's CORS middleware says on every answer that it looks at the origin; vLLM allows none by default. */
const VARY = ['vary', 'Origin'];

/** Takes a byte order mark away, as Python's json does. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** One request and its answer, with headers as uvicorn writes them. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  responseBytes = 0;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.response = response;
  }

  /** Runs once if the client leaves before the answer is whole. */
  onGone(run: () => void): void {
    // Gone already: 'close' will not come again.
    if (this.response.destroyed) run();
    else
      this.response.once('close', () => {
        if (!this.response.writableFinished) run();
      });
  }

  /**
   * The body as JSON.
   * @throws ApiError as FastAPI and vLLM's validate_json_request refuse it
   */
  async json(): Promise<Readonly<Record<string, unknown>>> {
    const text = await this.#text();
    const mediaType = (this.request.headers['content-type'] ?? '').toLowerCase().split(';', 1)[0]!.trim();
    if (mediaType !== 'application/json') throw unsupportedMediaType();
    // FastAPI takes a JSON null for a body that is not there.
    if (text === '' || text.trim() === 'null')
      throw validationError([{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }]);
    const body = parseJson(text);
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw validationError([
        {
          type: 'model_attributes_type',
          loc: ['body'],
          msg: 'Input should be a valid dictionary or object to extract fields from',
          input: body,
        },
      ]);
    return body as Readonly<Record<string, unknown>>;
  }

  async #text(): Promise<string> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES)
        throw new ApiError(413, 'Request Entity Too Large', 'The body is too large.');
      chunks.push(chunk);
    }
    try {
      return UTF8.decode(Buffer.concat(chunks));
    } catch {
      throw new FrameworkError(400, 'There was an error parsing the body');
    }
  }

  sendJson(status: number, body: object, headers: readonly string[] = []): void {
    this.send(status, 'application/json', JSON.stringify(body), headers);
  }

  /** An answer without a body has no content-type, as Starlette's Response. */
  send(status: number, contentType: string | undefined, body: string, headers: readonly string[] = []): void {
    const bytes = Buffer.from(body);
    this.responseBytes = bytes.length;
    this.#head(status, [
      ...headers,
      ...['content-length', String(bytes.length)],
      ...(contentType === undefined ? [] : ['content-type', contentType]),
      ...VARY,
    ]);
    this.response.end(bytes);
  }

  sendError(error: ApiError): void {
    this.sendJson(error.status, error.body);
  }

  startEvents(): void {
    const contentType = ['content-type', 'text/event-stream; charset=utf-8'];
    this.#head(200, [...contentType, ...VARY, 'transfer-encoding', 'chunked']);
    this.response.flushHeaders();
  }

  /** Each event is a chunk of its own, as uvicorn sends them; all go out in one write. */
  sendEvents(events: readonly string[], isLast: boolean): void {
    if (events.length > 1) this.response.cork();
    for (const event of events) this.response.write(event);
    // Before end(): Node would put the last chunk's mark before what is corked.
    if (events.length > 1) this.response.uncork();
    if (isLast) this.response.end();
  }

  #head(status: number, headers: readonly string[]): void {
    this.response.sendDate = false;
    // uvicorn says nothing of the connection to a client that keeps it.
    this.response.removeHeader('connection');
    const { httpVersion, headers: asked } = this.request;
    const closes = httpVersion === '1.0' || asked.connection?.toLowerCase() === 'close';
    this.response.writeHead(status, [
      ...['date', new Date(wallMs()).toUTCString(), 'server', 'uvicorn'],
      ...headers,
      ...(closes ? ['connection', 'close'] : []),
    ]);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { message, position } = pythonJsonProblem(text);
    throw validationError([
      {
        type: 'json_invalid',
        loc: ['body', position],
        msg: 'JSON decode error',
        input: {},
        ctx: { error: message },
      },
    ]);
  }
}
