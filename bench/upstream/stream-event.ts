/** A byte that each event has once and no response head has: events are counted by it, wherever reads cut the stream. */
export const EVENT_MARK = 0x7e;

/** One server-sent event of a chat stream, as vLLM sends it: 210 bytes. */
export const STREAM_EVENT = `data: ${JSON.stringify({
  id: 'chatcmpl-0f9d0c9ab1f54e0c8c1f7a1f0e6d5c4b',
  object: 'chat.completion.chunk',
  created: 1700000000,
  model: '/model/llama2',
  choices: [{ index: 0, delta: { content: ' wave~' }, finish_reason: null }],
})}\n\n`;
