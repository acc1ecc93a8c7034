import { type IncomingHttpHeaders, request } from 'node:http';

export interface Asked {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Undefined: it was cut off. */
  readonly body: string | undefined;
}

const CHAT = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };

/** One chat request on a connection of its own, to the end of its answer. @throws when no answer begins */
export function ask(
  gateway: string,
  { headers = {}, body = CHAT }: { readonly headers?: Record<string, string>; readonly body?: object } = {},
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `http://${gateway}/v1/chat/completions`,
      { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, agent: false },
      response => {
        const { statusCode: status = 0, headers } = response;
        let text = '';
        response.setEncoding('latin1').on('data', (part: string) => {
          text += part;
        });
        response.on('error', () => resolve({ status, headers, body: undefined }));
        response.on('end', () => resolve({ status, headers, body: text }));
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify(body));
  });
}
