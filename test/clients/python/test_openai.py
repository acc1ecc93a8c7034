"""The PyPI openai SDK as it is, against gateways that openai-pypi.test.ts runs; only base_url leads there."""

import asyncio
import json
import os
import time
import unittest
import urllib.request

import openai

MODEL = "/model/llama2"
ADAPTER = "sql-lora"
MESSAGES = [{"role": "user", "content": "introduce yourself"}]
#: vLLM's own: the answer has as many tokens as it may.
IGNORE_EOS = {"ignore_eos": True}


class Gateway:
    """A gateway under test: its API, and its admin API."""

    def __init__(self, name):
        self.base_url = os.environ[f"{name}_BASE_URL"]
        self.admin = os.environ[f"{name}_ADMIN"]

    def client(self, **options):
        return openai.OpenAI(base_url=self.base_url, api_key="none", **{"max_retries": 0, **options})

    def async_client(self, **options):
        return openai.AsyncOpenAI(base_url=self.base_url, api_key="none", **{"max_retries": 0, **options})

    def view(self, path):
        with urllib.request.urlopen(self.admin + path) as response:
            return json.load(response)

    def refused(self):
        return sum(limit["refused"] for scope in self.view("/v1/limits") for limit in scope["limits"])

    def until(self, what, test, patience=10.0):
        """Waits until every endpoint passes; returns the seconds that it took."""
        began = time.monotonic()
        while True:
            endpoints = self.view("/v1/endpoints")
            if endpoints and all(test(endpoint) for endpoint in endpoints):
                return time.monotonic() - began
            if time.monotonic() - began > patience:
                raise AssertionError(f"waited for {what}: {endpoints}")
            time.sleep(0.02)

    def until_at_rest(self):
        self.until(
            "model servers without work",
            lambda e: e["inFlight"] == 0 and e.get("running", 0) == 0 and e.get("waiting", 0) == 0,
        )
        for scope in self.view("/v1/limits"):
            for limit in scope["limits"]:
                if limit["name"] != "maxConnections" and limit["inUse"] != 0:
                    raise AssertionError(f"{scope['scope']} {limit} is in use")


SEED = Gateway("SEED")
OPEN = Gateway("OPEN")
NARROW = Gateway("NARROW")
BROKEN = Gateway("BROKEN")


def begun_stream(client, tokens):
    """A stream that has begun: it holds its permit until it ends, or is closed."""
    stream = client.chat.completions.create(
        model=MODEL, messages=MESSAGES, max_completion_tokens=tokens, stream=True, extra_body=IGNORE_EOS
    )
    next(stream)
    return stream


class Seed(unittest.TestCase):
    """The page's manifests and the page's request; its route wants a Host header."""

    def test_two_windows(self):
        client = SEED.client(default_headers={"Host": "example.com"})

        def ask(stream):
            return client.chat.completions.create(
                model=MODEL,
                messages=MESSAGES,
                max_completion_tokens=100,
                temperature=0,
                stream=stream,
                extra_body={"stream_options": {"include_usage": True}} if stream else None,
            )

        first = ask(stream=True)
        next(first)
        with self.assertRaises(openai.InternalServerError) as caught:
            ask(stream=False)
        self.assertEqual(
            caught.exception.response.text,
            "upstream connect error or disconnect/reset before headers. reset reason: overflow",
        )
        usage = list(first)[-1].usage
        self.assertEqual((usage.prompt_tokens, usage.completion_tokens, usage.total_tokens), (15, 100, 115))
        # The SDK is done with `[DONE]`, the answer with what comes after it.
        SEED.until_at_rest()
        answer = ask(stream=False)
        self.assertEqual(answer.usage.total_tokens, 115)
        self.assertEqual(answer.choices[0].finish_reason, "length")
        SEED.until_at_rest()


class Requests(unittest.TestCase):
    def test_chat(self):
        answer = OPEN.client().chat.completions.create(
            model=MODEL, messages=MESSAGES, max_completion_tokens=20, temperature=0
        )
        self.assertEqual(answer.choices[0].finish_reason, "length")
        self.assertEqual(answer.usage.completion_tokens, 20)
        self.assertEqual(OPEN.view(f"/v1/decisions/{answer._request_id}")["verdict"], "picked")

    def test_stream_with_and_without_usage(self):
        client = OPEN.client()
        request = dict(model=MODEL, messages=MESSAGES, max_completion_tokens=30, temperature=0)
        whole = client.chat.completions.create(**request).choices[0].message.content
        for options, usage in (({}, None), ({"stream_options": {"include_usage": True}}, 30)):
            with self.subTest(options):
                chunks = list(client.chat.completions.create(**request, stream=True, **options))
                text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
                self.assertEqual(text, whole)
                self.assertEqual(chunks[-1].usage and chunks[-1].usage.completion_tokens, usage)

    def test_stream_helper(self):
        with OPEN.client().chat.completions.stream(
            model=MODEL, messages=MESSAGES, max_completion_tokens=5
        ) as stream:
            deltas = [event.delta for event in stream if event.type == "content.delta"]
            snapshot = stream.current_completion_snapshot
        self.assertEqual("".join(deltas), snapshot.choices[0].message.content)
        self.assertEqual(snapshot.choices[0].finish_reason, "length")

    def test_models(self):
        self.assertEqual([model.id for model in OPEN.client().models.list()], [MODEL, ADAPTER])

    def test_completions(self):
        client = OPEN.client()
        request = dict(model=MODEL, prompt=["one", "two"], max_tokens=5, temperature=0)
        whole = [choice.text for choice in client.completions.create(**request).choices]
        texts = ["", ""]
        for event in client.completions.create(**request, stream=True):
            for choice in event.choices:
                texts[choice.index] += choice.text
        self.assertEqual(texts, whole)

    def test_module_level_client(self):
        """The older way: one client of the module, set up by its globals."""
        openai.base_url = OPEN.base_url + "/"
        openai.api_key = "none"
        answer = openai.chat.completions.create(model=ADAPTER, messages=MESSAGES, max_completion_tokens=2)
        self.assertEqual(answer.model, ADAPTER)

    def test_bad_request(self):
        with self.assertRaises(openai.BadRequestError) as caught:
            OPEN.client().post("/chat/completions", cast_to=object, content=b'{"model": ')
        self.assertIn("JSON", caught.exception.message)
        self.assertTrue(caught.exception.request_id)
        with self.assertRaises(openai.BadRequestError):
            OPEN.client().chat.completions.create(model=MODEL, messages=MESSAGES, temperature=9)

    def test_not_found(self):
        with self.assertRaises(openai.NotFoundError):
            OPEN.client().chat.completions.create(model="nope", messages=MESSAGES)


class Overflow(unittest.TestCase):
    def tearDown(self):
        NARROW.until_at_rest()

    def test_retried_then_an_internal_server_error(self):
        before = NARROW.refused()
        with begun_stream(NARROW.client(), 2000):
            with self.assertRaises(openai.InternalServerError) as caught:
                NARROW.client(max_retries=1).chat.completions.create(model=MODEL, messages=MESSAGES)
        self.assertEqual(caught.exception.status_code, 503)
        self.assertEqual(caught.exception.response.headers["x-envoy-overloaded"], "true")
        self.assertIn("reset reason: overflow", caught.exception.response.text)
        self.assertEqual(NARROW.refused() - before, 2)

    def test_retried_until_the_first_ends(self):
        before = NARROW.refused()
        stream = begun_stream(NARROW.client(), 40)

        async def both():
            rest = asyncio.to_thread(lambda: list(stream)[-1].choices[0].finish_reason)
            second = NARROW.async_client(max_retries=8).chat.completions.create(
                model=MODEL, messages=MESSAGES, max_completion_tokens=1
            )
            return await asyncio.gather(rest, second)

        reason, answer = asyncio.run(both())
        self.assertEqual(reason, "length")
        self.assertEqual(answer.usage.completion_tokens, 1)
        self.assertGreaterEqual(NARROW.refused() - before, 1)


class Leaving(unittest.TestCase):
    def tearDown(self):
        NARROW.until_at_rest()

    def test_a_closed_stream_frees_the_model_server(self):
        stream = begun_stream(NARROW.client(), 4000)
        NARROW.until("a running request", lambda e: e["running"] == 1 and e["inFlight"] == 1)
        stream.close()
        self.assertLess(NARROW.until("no request in flight", lambda e: e["inFlight"] == 0), 1)

    def test_timeout(self):
        with self.assertRaises(openai.APITimeoutError):
            NARROW.client(timeout=0.3).chat.completions.create(
                model=MODEL, messages=MESSAGES, max_completion_tokens=4000, extra_body=IGNORE_EOS
            )
        self.assertLess(NARROW.until("no request in flight", lambda e: e["inFlight"] == 0), 1)

    def test_a_cancelled_task_frees_the_model_server(self):
        async def cancelled():
            task = asyncio.ensure_future(
                NARROW.async_client().chat.completions.create(
                    model=MODEL, messages=MESSAGES, max_completion_tokens=4000, extra_body=IGNORE_EOS
                )
            )
            await asyncio.to_thread(NARROW.until, "a running request", lambda e: e["running"] == 1)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task

        asyncio.run(cancelled())
        self.assertLess(NARROW.until("no request in flight", lambda e: e["inFlight"] == 0), 1)


class BrokenOff(unittest.TestCase):
    def tearDown(self):
        BROKEN.until_at_rest()

    def test_a_stream_is_an_api_error_after_what_came(self):
        stream = BROKEN.client().chat.completions.create(model="m", messages=MESSAGES, stream=True)
        text = ""
        with self.assertRaises(openai.APIError) as caught:
            for chunk in stream:
                text += chunk.choices[0].delta.content
        self.assertEqual(text, "It is not over")
        self.assertIn("broke off", caught.exception.message)

    def test_a_whole_answer_is_a_connection_error(self):
        with self.assertRaises(openai.APIConnectionError):
            BROKEN.client().chat.completions.create(model="m", messages=MESSAGES)


class Async(unittest.IsolatedAsyncioTestCase):
    async def test_fifty_at_once_half_of_them_streams(self):
        async with OPEN.async_client() as client:

            async def chat(stream):
                request = dict(model=MODEL, messages=MESSAGES, max_completion_tokens=6, extra_body=IGNORE_EOS)
                if not stream:
                    return (await client.chat.completions.create(**request)).usage.completion_tokens
                tokens = 0
                async for chunk in await client.chat.completions.create(**request, stream=True):
                    tokens += 1 if chunk.choices and chunk.choices[0].delta.content else 0
                return tokens

            counts = await asyncio.gather(*(chat(i % 2 == 0) for i in range(50)))
        self.assertEqual(min(counts[1::2]), 6)
        self.assertGreater(min(counts[::2]), 0)
        OPEN.until_at_rest()

    async def test_models(self):
        async with OPEN.async_client() as client:
            self.assertEqual([model.id async for model in client.models.list()], [MODEL, ADAPTER])


if __name__ == "__main__":
    unittest.main()
