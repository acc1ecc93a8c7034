// A model server that knows how many requests it had at once. `?ms=N`: how long an answer streams, to the line `end`.
// Its metrics are vLLM's, as far as pickers look at them; GET /counts has its own.
import { createServer } from 'node:http';

const CHUNK_MS = 100;
const counts = { running: 0, most: 0, begun: 0, cut: 0 };

function metrics() {
  const sample = (name, value) => `# TYPE vllm:${name} gauge\nvllm:${name}{model_name="m"} ${value}\n`;
  return (
    sample('num_requests_running', counts.running) +
    sample('num_requests_waiting', 0) +
    sample('kv_cache_usage_perc', 0)
  );
}

function stream(request, response) {
  counts.running++;
  counts.begun++;
  counts.most = Math.max(counts.most, counts.running);
  const untilMs = performance.now() + Number(new URL(request.url, 'http://server').searchParams.get('ms'));
  request.resume();
  response.setHeader('content-type', 'text/event-stream');
  response.flushHeaders();
  const timer = setInterval(() => {
    if (performance.now() < untilMs) {
      response.write('data: token\n\n');
      return;
    }
    clearInterval(timer);
    // Before the last byte: whoever has it counts the request as ended.
    counts.running--;
    response.end('data: end\n\n');
  }, CHUNK_MS);
  response.on('close', () => {
    if (response.writableEnded) return;
    clearInterval(timer);
    counts.running--;
    counts.cut++;
  });
}

createServer((request, response) => {
  if (request.url === '/metrics') response.end(metrics());
  else if (request.url === '/counts') response.end(JSON.stringify(counts));
  else if (request.method === 'POST') stream(request, response);
  else response.end();
}).listen(8000);
