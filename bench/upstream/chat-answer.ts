/** What a model server answers a chat request that asks for no stream: some 380 bytes. */
export const CHAT_ANSWER = JSON.stringify({
  id: 'chatcmpl-0f9d0c9ab1f54e0c8c1f7a1f0e6d5c4b',
  object: 'chat.completion',
  created: 1700000000,
  model: '/model/llama2',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content:
          'A breakwater takes the force of the waves, so that the water behind it is calm and ships are safe.',
      },
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 412, completion_tokens: 24, total_tokens: 436 },
});
