/** Bytes of every chat body of the bench. */
const BODY_BYTES = 2048;

const SYSTEM =
  'You are the harbour office of a small town. Answer in short sentences, name the berth and the tide, and say when you do not know. ' +
  'Ships that carry dangerous goods go to the outer berths; fishing boats have their own quay, and nobody else may lie there.\n';

const SENTENCES = [
  'The wind has turned to the north-west since noon and the swell reaches the outer wall. ',
  'Our draught is 4.2 m and we would like to come in before dark, "if at all possible". ',
  'The last pilot told us that the buoy at the eastern entrance is out of its place. ',
  'We carry 180 tonnes of timber and need a crane on Tuesday morning. ',
  'Two of the crew have to go to the doctor; is there one close to the quay? ',
  'What does a berth cost for three nights, with water and electricity? ',
  'Is the fuel berth free, and does it take cards? ',
];

/** A chat request of exactly 2 KB: a system prompt that all share, then a talk that differs from `seed` to `seed`. */
export function chatBody(seed: number, stream = false): string {
  const question = (text: string) => ({
    model: '/model/llama2',
    messages: [
      { role: 'system', content: SYSTEM },
      { role: 'user', content: `Ship ${seed}: ${talk(seed, 5)}` },
      { role: 'assistant', content: 'Berth 3 is free until Thursday.\nHigh water is at 16:40.' },
      { role: 'user', content: text },
    ],
    max_tokens: 256,
    temperature: 0.7,
    stream,
  });
  const missing = BODY_BYTES - JSON.stringify(question('')).length;
  // Two more bytes for the escape of each quotation mark: plain words fill the end.
  const text = talk(seed + 3, 20)
    .replaceAll('"', '')
    .slice(0, missing);
  return JSON.stringify(question(text));
}

function talk(seed: number, count: number): string {
  return Array.from({ length: count }, (_, index) => SENTENCES[(seed + index * 3) % SENTENCES.length]!).join(
    '',
  );
}

/** The request that carries a body, for raw sockets. */
export function chatRequest(host: string, body: string): string {
  return (
    `POST /v1/chat/completions HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}
