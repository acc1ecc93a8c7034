import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { seed, type Up, Workplace } from './cli-process.ts';
import { inFlight } from './support/in-flight.ts';

const place = new Workplace();
let up: Up;

before(async () => {
  up = await place.up(['-f', seed]);
});
after(() => place.close());

const EXPORT =
  "export GATEWAY_ADDRESS=$(breakwater get gateway/example-gateway -o jsonpath='{.status.addresses[0].value}')";
const chat = (tokens: number) =>
  `curl -s -i -X POST \${GATEWAY_ADDRESS}/v1/chat/completions -H 'Content-Type: application/json' -H "host: example.com" -d '{
    "model": "/model/llama2", "max_completion_tokens": ${tokens}, "temperature": 0,
    "messages": [{"role": "user", "content": "introduce yourself"}]}'`;
const OVERFLOW = 'upstream connect error or disconnect/reset before headers. reset reason: overflow';

test("the page's two windows get the page's two answers, and then a third is served", async () => {
  const { stdout: address } = await place.shell(`${EXPORT}; printf %s "$GATEWAY_ADDRESS"`);
  const answer = async () => (await place.shell(`GATEWAY_ADDRESS=${address}; ${chat(100)}`)).stdout;
  const first = answer();
  await inFlight(up);
  const two = await answer();
  const one = await first;
  const three = await answer();
  for (const answer of [one, three]) {
    assert.match(answer, /^HTTP\/1\.1 200 OK/);
    const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
    assert.equal(body.choices[0].finish_reason, 'length');
    assert.deepEqual(
      [body.usage.prompt_tokens, body.usage.completion_tokens, body.usage.total_tokens],
      [15, 100, 115],
    );
  }
  assert.match(two, /^HTTP\/1\.1 503/);
  assert.match(two, /x-envoy-overloaded: true/i);
  assert.ok(two.trimEnd().endsWith(OVERFLOW), two);
  await up.until(
    /overflow: maxParallelRequests 1 of httproute\/default\/test-httproute\/rule\/0 refused 1 request/,
  );
});

test('the commands that `up` prints work as they are', async () => {
  const [, address = '', request = ''] = await up.until(/terminal:\n\n(export .*)\n\n(curl [\s\S]*?\n\}')\n/);
  const { stdout, stderr } = await place.shell(`${address}; ${request}`);
  assert.match(stdout, /"finish_reason":"length"/, stderr);
});

test('it says in plain words what is simulated and what is not run', () => {
  assert.match(
    up.output,
    /Simulated +Deployment default\/vllm-llama2-7b-pool: no GPU and no weights, a simulated .* on 127\.\S+:8000/,
  );
  assert.match(up.output, /Not run +Deployment default\/sleep: /);
});

test('get prints the tables of kubectl', async () => {
  const { stdout } = await place.run(['get', 'gateway']);
  assert.match(
    stdout,
    /^NAME {14}CLASS {19}ADDRESS +PROGRAMMED {3}AGE\nexample-gateway {3}example-gateway-class {3}127\.0\.0\.1:\d+ +True {9}\d+s\n$/,
  );
  const pods = await place.run(['get', 'po', '-o', 'name', '-l', 'app=vllm-llama2-7b-pool']);
  assert.match(pods.stdout, /^pod\/vllm-llama2-7b-pool-[a-z0-9]+-[a-z0-9]{5}\n$/);
  const none = await place.run(['get', 'secrets']);
  assert.deepEqual(
    [none.code, none.stdout, none.stderr],
    [0, '', 'No resources found in default namespace.\n'],
  );
  const route = JSON.parse((await place.run(['get', 'httproute/test-httproute', '-o', 'json'])).stdout);
  const [parent] = route.status.parents;
  assert.equal(parent.parentRef.name, 'example-gateway');
  assert.deepEqual(
    parent.conditions.map((condition: { type: string; status: string }) => [
      condition.type,
      condition.status,
    ]),
    [
      ['Accepted', 'True'],
      ['ResolvedRefs', 'True'],
    ],
  );
  for (const condition of parent.conditions) {
    assert.match(condition.lastTransitionTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(condition.observedGeneration, 1);
  }
});

test("errors are kubectl's", async () => {
  const missing = await place.run(['get', 'gateway', 'x']);
  assert.deepEqual(
    [missing.code, missing.stderr],
    [1, 'Error from server (NotFound): gateways.gateway.networking.k8s.io "x" not found\n'],
  );
  const unknown = await place.run(['get', 'foo']);
  assert.deepEqual(
    [unknown.code, unknown.stderr],
    [1, 'error: the server doesn\'t have a resource type "foo"\n'],
  );
  const format = await place.run(['get', 'pods', '-o', 'xml']);
  assert.match(format.stderr, /unable to match a printer.*"xml"/);
});

test('describe says what the limit is and how it is used', async () => {
  const { stdout } = await place.run(['describe', 'btp', 'circuitbreaker-for-route']);
  assert.match(
    stdout,
    /Ancestor Gateway default\/example-gateway:\n {2}Type +Status +Reason +Message\n {2}Accepted +True/,
  );
  assert.match(
    stdout,
    /Limits in use:\n[\s\S]*maxParallelRequests +0 +1 +\d+ +default\/circuitbreaker-for-route/,
  );
  const pool = await place.run(['describe', 'inferencepool/vllm-llama2-7b-pool']);
  assert.match(pool.stdout, /Endpoints:\n[\s\S]*127\.\S+:8000 +default\/vllm-llama2-7b-pool-\S+ +available/);
});

test('explain tells why a request went where it went', async () => {
  const { stdout } = await place.shell(`${EXPORT}; ${chat(1)}`);
  const id = /x-request-id: (\S+)/i.exec(stdout)?.[1];
  assert.ok(id !== undefined, stdout);
  const explained = await place.run(['explain', id]);
  assert.match(explained.stdout, /127\.\S+:8000/);
  assert.equal(JSON.parse((await place.run(['explain', id, '-o', 'json'])).stdout).requestId, id);
  const unknown = await place.run(['explain', 'nothing']);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /no decision is kept for request "nothing" \[BW_UNKNOWN_REQUEST\]/);
});

test('explain tells why a request was answered without a backend', async () => {
  const { stdout } = await place.shell(
    `${EXPORT}; curl -s -i \${GATEWAY_ADDRESS}/v1/models -H 'host: other.example'`,
  );
  const id = /x-request-id: (\S+)/i.exec(stdout)?.[1];
  assert.ok(id !== undefined, stdout);
  assert.match(
    (await place.run(['explain', id])).stdout,
    /Verdict: {5}replied \(no route matches GET \/v1\/models of host other\.example\)\nAnswer: {6}404 /,
  );
});

test('a command line that cannot be meant is refused at once, and says what was expected', async () => {
  for (const [args, said] of [
    [['gte', 'gateways'], /unknown command 'gte'\n\(Did you mean get\?\)/],
    [['up', '-f', seed, '--workers', '0'], /expected a whole number from 1, got "0"/],
    [['up', '-f', seed, '--address', 'nope'], /expected an IP address such as 127\.0\.0\.1.*, got "nope"/],
  ] as const) {
    const { code, stdout, stderr } = await place.run(args);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, said);
  }
  const nothing = await place.run([]);
  assert.equal(nothing.code, 0);
  assert.match(nothing.stdout, /^Usage: breakwater/);
});

test('exec runs the command here, says so, and passes on its exit code', async () => {
  const curl = await place.run(['exec', 'deployment/sleep', '-it', '--', 'sh', '-c', 'echo out; exit 7']);
  assert.equal(curl.code, 7);
  assert.equal(curl.stdout, 'out\n');
  assert.match(curl.stderr, /running sh on this machine\ncommand terminated with exit code 7\n$/);
  const missing = await place.run(['exec', 'deployment/none', '--', 'true']);
  assert.match(missing.stderr, /NotFound.*deployments\.apps "none" not found/);
});

test('apply and delete change what is served', async () => {
  const policy = (limit: number) => `
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata:
  name: circuitbreaker-for-route
spec:
  targetRefs:
    - group: gateway.networking.k8s.io
      kind: HTTPRoute
      name: test-httproute
  circuitBreaker:
    maxParallelRequests: ${limit}
`;
  const name = 'backendtrafficpolicy.gateway.envoyproxy.io/circuitbreaker-for-route';
  const limits = async () => (await place.run(['limits'])).stdout;
  assert.equal((await place.run(['apply', '-f', '-'], policy(3))).stdout, `${name} configured\n`);
  assert.match(await limits(), /maxParallelRequests +0 +3 /);
  assert.equal((await place.run(['apply', '-f', '-'], policy(3))).stdout, `${name} unchanged\n`);
  const quoted = 'backendtrafficpolicy.gateway.envoyproxy.io "circuitbreaker-for-route"';
  assert.equal(
    (await place.run(['delete', 'btp', 'circuitbreaker-for-route'])).stdout,
    `${quoted} deleted\n`,
  );
  assert.match(await limits(), /maxParallelRequests +0 +1024 /);
  const again = await place.run(['delete', '-f', '-'], policy(3));
  assert.equal(again.code, 1);
  assert.match(
    again.stderr,
    /NotFound.*backendtrafficpolicies\.gateway\.envoyproxy\.io "circuitbreaker-for-route" not found/,
  );
  assert.equal((await place.run(['apply', '-f', '-'], policy(1))).stdout, `${name} created\n`);
  const invalid = await place.run(['apply', '-f', '-'], policy(1).replace(': 1', ': lots'));
  assert.equal(invalid.code, 1);
  assert.match(invalid.stderr, /circuitBreaker\.maxParallelRequests/);
});

test('a reader that leaves is no crash', async () => {
  const { stderr } = await place.shell('breakwater get all -o yaml | head -1');
  assert.equal(stderr, '');
});
