"""Too much at once: some work, a few wait, the others are refused at once; whoever only watches is always answered."""

import asyncio
import inspect
import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from threading import Event

import pytest
import requests
from conftest import import_anew
from contract import value
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from fastapi.routing import iter_route_contexts
from serving import serve

from classroom.servers.scripts import app_names
from titanic import overload
from titanic.passenger import EXAMPLES

LARGE, SMALL = b"x" * (overload.LARGE + 1), b"x" * overload.LARGE
ENOUGH = 1 + overload.MOST_WAITING  # one works, the others wait


class Line:
    """An app that answers a body when it is told to, behind the middleware."""

    def __init__(self):
        self.go_on = asyncio.Event()
        self.at_work = self.most_at_work = 0
        self.app = FastAPI()
        self.app.post("/", response_class=PlainTextResponse)(self.take)
        self.app.post("/broken")(self.fail)
        self.app.add_middleware(overload.RefuseTooMuch)

    async def take(self, request: Request):
        await request.body()
        self.at_work += 1
        self.most_at_work = max(self.at_work, self.most_at_work)
        await self.go_on.wait()
        self.at_work -= 1
        return "done"

    async def fail(self, request: Request):
        await request.body()
        raise RuntimeError("iceberg")

    async def post(self, body, path="/", headers=None, until=None):
        """The status code and the headers of the answer; until: the rest of the body comes only then."""
        parts = [
            {"type": "http.request", "body": body[:100], "more_body": True},
            {"type": "http.request", "body": body[100:]},
        ]
        answer = {}

        async def receive():
            if len(parts) == 1 and until:
                await until.wait()
            return parts.pop(0) if parts else {"type": "http.disconnect"}

        async def send(message):
            if message["type"] == "http.response.start":
                answer.update(message)

        headers = headers or [(b"content-length", str(len(body)).encode())]
        scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers}
        try:
            await self.app(scope, receive, send)
        except RuntimeError:
            assert path == "/broken"
        return answer["status"], dict(answer["headers"])


@pytest.fixture(autouse=True)
def without_pause(monkeypatch):
    monkeypatch.setattr(overload, "PAUSE", 0)


def refused():
    return overload.http_requests_refused_total.collect()[0].samples[0].value


async def settled(*requests):
    """These as tasks that have got as far as they can."""
    tasks = [asyncio.ensure_future(one) for one in requests]
    for _ in range(200):
        await asyncio.sleep(0)
    return tasks


def codes(tasks):
    return [task.result()[0] if task.done() else None for task in tasks]


def test_one_works_a_few_wait_and_the_others_are_refused():
    async def run():
        line, before = Line(), refused()
        tasks = await settled(*(line.post(LARGE) for _ in range(ENOUGH + 5)))
        assert codes(tasks) == [None] * ENOUGH + [503] * 5
        assert refused() == before + 5
        assert tasks[-1].result()[1][b"retry-after"] == b"1"
        line.go_on.set()
        assert [await task for task in tasks[:ENOUGH]] == [(200, tasks[0].result()[1])] * ENOUGH
        assert line.most_at_work == 1
        assert codes(await settled(line.post(LARGE))) == [200]

    asyncio.run(run())


def test_whoever_sends_little_is_let_in():
    async def run():
        line = Line()
        await settled(*(line.post(LARGE) for _ in range(ENOUGH)))
        small = await settled(line.post(SMALL), line.post(b"", headers=[(b"host", b"x")]))
        assert line.at_work == 3
        line.go_on.set()
        assert [(await task)[0] for task in small] == [200, 200]

    asyncio.run(run())


IN_PIECES, TEN_BYTES = (b"transfer-encoding", b"chunked"), (b"content-length", b"10")


@pytest.mark.parametrize("headers", [[IN_PIECES], [IN_PIECES, TEN_BYTES], [TEN_BYTES, IN_PIECES]])
def test_a_body_in_pieces_is_a_large_one_whatever_length_is_announced(headers):
    async def run():
        line = Line()
        tasks = await settled(*(line.post(SMALL, headers=headers) for _ in range(ENOUGH + 1)))
        assert codes(tasks)[-1] == 503
        line.go_on.set()
        await asyncio.gather(*tasks)

    asyncio.run(run())


@pytest.mark.parametrize("headers", [[IN_PIECES], [TEN_BYTES, IN_PIECES], [(b"host", b"x")], None])
def test_a_body_that_is_too_large_is_refused_whatever_is_announced(headers):
    """[host]: HTTP/2 needs no header for a body. None: its true length."""

    async def run():
        line = Line()
        line.go_on.set()
        assert (await line.post(b"x" * (overload.TOO_LARGE + 1), headers=headers))[0] == 413

    asyncio.run(run())


def test_a_body_that_never_comes_keeps_nobody_waiting():
    async def run():
        line, never = Line(), asyncio.Event()
        slow = await settled(*(line.post(LARGE, until=never) for _ in range(2 * ENOUGH)))
        line.go_on.set()
        assert codes(await settled(line.post(LARGE))) == [200]
        assert codes(slow) == [None] * 2 * ENOUGH
        line.go_on.clear()
        never.set()
        assert codes(await settled(*slow)).count(503) == ENOUGH  # all at once now: the last ones are too many
        line.go_on.set()
        await asyncio.gather(*slow)
        assert codes(await settled(line.post(LARGE))) == [200]

    asyncio.run(run())


def test_after_a_failure_it_is_the_next_ones_turn():
    async def run():
        line = Line()
        line.go_on.set()
        for _ in range(2 * ENOUGH):
            assert (await line.post(LARGE, "/broken"))[0] == 500
        assert (await line.post(LARGE))[0] == 200

    asyncio.run(run())


def test_each_event_loop_has_turns_of_its_own():
    line = Line()

    async def several():
        line.go_on = asyncio.Event()
        tasks = await settled(line.post(LARGE), line.post(LARGE))  # the second waits for the first
        line.go_on.set()
        return [(await task)[0] for task in tasks]

    for _ in range(2):  # as a client of FastAPI's tests does, without a `with`
        assert asyncio.run(several()) == [200, 200]


def be_a_client(url, body, over):
    """Send this again and again, without a pause; the answers: how long each took, its status, and Retry-After."""
    answers = []
    while not over.is_set():
        before = time.perf_counter()
        answer = requests.post(url, data=body, headers={"content-type": "application/json"}, timeout=60)
        answers.append((time.perf_counter() - before, answer.status_code, answer.headers.get("Retry-After")))
    return answers


def test_whoever_watches_an_app_that_is_full_is_answered(champion, log_file):
    batch, over = json.dumps([*islice(cycle(EXAMPLES), 20_000)]), Event()
    with serve("prometheus_03_logging_app") as server, ThreadPoolExecutor(40) as pool:
        clients = [pool.submit(be_a_client, f"{server.url}/predict_batch", batch, over) for _ in range(40)]
        try:
            watched = []
            for _ in range(15):
                for path in ("/health", "/metrics"):
                    before = time.perf_counter()
                    assert server.get(path).status_code == 200
                    watched.append(time.perf_counter() - before)
                assert server.post("/predict_single", json=EXAMPLES[0]).status_code == 200
        finally:
            over.set()
        answers = [answer for client in clients for answer in client.result()]
        assert {answer[1:] for answer in answers} == {(200, None), (503, "1")}
        refusals = [answer[0] for answer in answers if answer[1] == 503]
        work = statistics.median(answer[0] for answer in answers if answer[1] == 200)
        assert statistics.median(watched) < work / 2
        assert statistics.median(refusals) < work
        assert value(server, "http_requests_refused_total") == len(refusals)
        assert value(server, "http_requests_total", endpoint="/predict_batch", status_code="503") == len(refusals)


def calls(dependant):
    """What is called for this route: its dependencies and itself."""
    yield dependant.call
    for one in dependant.dependencies:
        yield from calls(one)


WATCHED = {"/health", "/metrics", "/scouter/healthcheck"}
WITHOUT = ("prometheus_00_simple_monitoring_app", "prometheus_06_alert_app")  # no route in them takes long
BY_NAME = ("prometheus", "scouter", "fastapi_06", "fastapi_07", "fastapi_08", "fastapi_09")
WATCHING = [name for name in app_names() if name.startswith(BY_NAME) and name not in WITHOUT]


@pytest.mark.parametrize("name", WATCHING)
def test_whoever_watches_needs_no_thread(name):
    routes = [route for route in iter_route_contexts(import_anew(name).app.routes) if route.path in WATCHED]
    assert routes
    for route in routes:
        assert all(map(inspect.iscoroutinefunction, calls(route.dependant))), route.path
