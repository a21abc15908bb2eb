"""The app that predicts together what waits together: each caller gets the right answer, whatever the others do."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from types import SimpleNamespace
from unittest.mock import Mock

import aiohttp
import httpx2
import numpy as np
import pytest
from contract import (
    ACCEPTED,
    EVERY_KIND,
    HEALTH,
    REFUSED,
    TRAIN,
    UNREADABLE,
    a_batch_is_as_singles,
    places,
    post,
    reason,
    value,
)
from serving import serve
from waiting import until

from titanic.passenger import EXAMPLES, Passenger
from titanic.prediction import survival_probabilities

NAME = "fastapi_06_micro_batch_app"
ALONE = "fastapi_05_batch_test_app"


@pytest.fixture
def api(client, champion):
    return client(NAME)


@pytest.fixture
def server(champion):
    """The app, served by uvicorn, in a process of its own."""
    with serve(NAME, "--log-level", "warning") as app:
        yield app


class Model:
    """The champion, which can be held up, and which fails on passengers of 99 years."""

    def __init__(self, champion):
        self.champion = champion
        self.go_on = threading.Event()
        self.go_on.set()
        self.is_asked = threading.Event()
        self.sizes = []

    def predict_proba(self, table):
        self.sizes.append(len(table))
        self.is_asked.set()
        assert self.go_on.wait(timeout=30)
        if 99 in list(table["Age"]):
            raise ValueError("nobody is 99")
        return self.champion.predict_proba(table)


@pytest.fixture
def held(client, champion, monkeypatch):
    """A client for the app, and its model, which waits for .go_on before it answers."""
    api = client(ALONE)
    model = Model(api.app.state.model)
    monkeypatch.setattr("titanic.model.load_model", lambda: model)
    api = client(NAME)
    return api, model


@contextmanager
def many_at_once(api, model, passengers):
    """Hold the model, send all these passengers, wait until all but the first are in the queue, then let go.

    Gives the list of the answers, which is filled at the end of the block.
    """
    answers = []
    model.go_on.clear()
    model.is_asked.clear()
    with ThreadPoolExecutor(len(passengers)) as pool:
        first = pool.submit(post, api, "/predict_single", passengers[0])
        assert model.is_asked.wait(timeout=20)
        others = [pool.submit(post, api, "/predict_single", passenger) for passenger in passengers[1:]]
        until(lambda: api.app.state.queue.qsize() == len(others))
        try:
            yield answers
        finally:
            model.go_on.set()
        answers += [future.result() for future in [first, *others]]


def test_it_answers_as_the_app_of_lesson_07_does(api):
    assert api.get("/").json() == {"message": "Titanic MLflow API is running"}
    assert (api.get("/health").status_code, api.get("/health").json()) == (200, HEALTH)
    assert [post(api, "/predict_single", one).json() for one in EXAMPLES] == [
        {"prediction": 1, "survival_status": "Survived"},
        {"prediction": 0, "survival_status": "Not Survived"},
        {"prediction": 1, "survival_status": "Survived"},
    ]
    a_batch_is_as_singles(api)


@pytest.mark.parametrize(("field", "value"), ACCEPTED)
def test_what_is_possible_is_accepted(api, field, value):
    assert post(api, "/predict_single", EXAMPLES[0] | {field: value}).status_code == 200


def test_what_cannot_be_is_refused_and_never_queued(api):
    for field, wrong in REFUSED:
        assert places(post(api, "/predict_single", EXAMPLES[0] | {field: wrong})) == [("body", field)]
        assert places(post(api, "/predict_batch", [EXAMPLES[0] | {field: wrong}])) == [("body", 0, field)]
    assert value(api, "micro_batch_wait_seconds_count") == 0


@pytest.mark.parametrize("kind", UNREADABLE)
def test_an_unreadable_body_is_refused_and_the_app_goes_on(api, kind):
    body, headers = UNREADABLE[kind]
    assert 400 <= api.post("/predict_single", content=body, headers=headers).status_code < 500
    assert post(api, "/predict_single", EXAMPLES[0]).status_code == 200


def test_without_a_model_nobody_is_queued(client, empty_store):
    api = client(NAME)
    assert api.get("/health").status_code == 503
    for path, body in [("/predict_single", EXAMPLES[0]), ("/predict_batch", EXAMPLES)]:
        answer = post(api, path, body)
        assert answer.status_code == 503
        assert TRAIN in answer.json()["detail"]


def test_a_fault_inside_the_model_is_a_500_whose_reason_is_in_the_log(client, raising_store, caplog):
    api = client(NAME)
    assert reason(post(api, "/predict_single", EXAMPLES[0]), caplog) == "the model is ill"
    assert reason(post(api, "/predict_batch", EXAMPLES), caplog, "Batch prediction") == "the model is ill"
    assert value(api, "http_errors_total", endpoint="/predict_single") == 1


def test_who_is_alone_does_not_wait_for_others(held):
    api, model = held
    for passenger in EVERY_KIND[:5]:
        post(api, "/predict_single", passenger)
    assert model.sizes == [1] * 5


def test_all_who_wait_are_predicted_by_one_call_and_each_gets_the_answer_of_its_own(held):
    api, model = held
    alone = [post(api, "/predict_single", passenger).json() for passenger in EVERY_KIND]
    model.sizes.clear()
    with many_at_once(api, model, EVERY_KIND) as answers:
        pass
    assert [answer.json() for answer in answers] == alone
    assert model.sizes == [1, len(EVERY_KIND) - 1]


def test_one_call_takes_64_at_most(held):
    api, model = held
    with many_at_once(api, model, (EVERY_KIND * 4)[:101]) as answers:
        pass
    assert {answer.status_code for answer in answers} == {200}
    assert model.sizes == [1, 64, 36]


def test_only_who_is_at_fault_gets_the_error(held, caplog):
    api, model = held
    ill = EXAMPLES[0] | {"Age": 99}
    with many_at_once(api, model, [*EXAMPLES, ill, *EXAMPLES, ill]) as answers:
        pass
    assert [answer.status_code for answer in answers] == [200, 200, 200, 500, 200, 200, 200, 500]
    assert [reason(answers[n], caplog) for n in (3, 7)] == ["nobody is 99"] * 2
    assert [answers[n].json()["prediction"] for n in (0, 1, 2, 4, 5, 6)] == [1, 0, 1, 1, 0, 1]
    assert post(api, "/predict_single", EXAMPLES[0]).status_code == 200


def test_a_model_that_answers_for_too_few_is_an_error_and_the_worker_goes_on(held, caplog):
    api, model = held
    champion, model.champion = model.champion, SimpleNamespace(predict_proba=lambda table: np.zeros((0, 2)))
    answer = post(api, "/predict_single", EXAMPLES[0])
    assert "not two probabilities for each of 1 passengers" in reason(answer, caplog)
    model.champion = champion
    assert post(api, "/predict_single", EXAMPLES[0]).json()["prediction"] == 1


class PanicError(BaseException):
    """As what is written in Rust raises it."""


def test_a_model_that_panics_is_an_error_and_the_worker_goes_on(held, caplog):
    api, model = held
    champion, model.champion = model.champion, SimpleNamespace(predict_proba=Mock(side_effect=PanicError("iceberg")))
    with many_at_once(api, model, EXAMPLES) as answers:
        pass
    assert [reason(one, caplog, raised=r".*\bPanicError") for one in answers] == ["iceberg"] * 3
    model.champion = champion
    assert post(api, "/predict_single", EXAMPLES[0]).json()["prediction"] == 1


def test_whoever_ends_the_program_is_no_fault_of_the_model():
    model = SimpleNamespace(predict_proba=Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        survival_probabilities(model, [Passenger(**EXAMPLES[0])])


def test_a_worker_that_dies_is_noticed_by_all_who_wait_and_by_all_who_come(held, monkeypatch, caplog):
    api, model = held
    broken = SimpleNamespace(observe=Mock(side_effect=ZeroDivisionError("a fault of the worker")))
    with many_at_once(api, model, EXAMPLES) as answers:
        monkeypatch.setattr("fastapi_06_micro_batch_app.micro_batch_size_passengers", broken)  # for the next batch
    assert [answer.status_code for answer in answers] == [200, 500, 500]
    for answer in answers[1:]:
        told = reason(answer, caplog, raised="titanic.failure.PredictionError")
        assert told == "the worker has ended: a fault of the worker"
    (death,) = [record for record in caplog.records if "has ended. Start" in record.getMessage()]
    assert death.exc_info[0] is ZeroDivisionError
    assert (api.get("/health").status_code, api.get("/health").json()["status"]) == (503, "worker has ended")
    for _ in range(2):
        answer = post(api, "/predict_single", EXAMPLES[0])
        assert answer.status_code == 503
        assert "Start the app again" in answer.json()["detail"]
    assert post(api, "/predict_batch", EXAMPLES).status_code == 200
    # After the test the app is stopped. It would never end if it waited for a worker that is no more.


def test_health_metrics_and_a_batch_are_answered_while_a_batch_runs(held):
    api, model = held
    with many_at_once(api, model, EXAMPLES):
        assert api.get("/health").status_code == 200
        assert api.get("/metrics").status_code == 200
        assert value(api, "http_requests_in_progress") == 4  # the three, and the one that asks
    assert value(api, "http_requests_in_progress") == 1


def test_a_full_queue_refuses_at_once_and_says_when_to_come_again(held, monkeypatch):
    api, model = held
    monkeypatch.setattr(api.app.state.queue, "_maxsize", 5)
    before = value(api, "http_requests_refused_total")
    with many_at_once(api, model, EVERY_KIND[:6]) as answers:
        refused = post(api, "/predict_single", EXAMPLES[0])  # returns although the model still waits
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert "Too many" in refused.json()["detail"]
        assert value(api, "http_requests_total", endpoint="/predict_single", status_code="503") == 1
        assert value(api, "http_requests_refused_total") == before + 1
    assert [answer.status_code for answer in answers] == [200] * 6
    assert post(api, "/predict_single", EXAMPLES[0]).status_code == 200


def test_size_and_waiting_time_of_the_batches_are_on_the_page_of_metrics(held):
    api, model = held
    with many_at_once(api, model, EVERY_KIND[:8]):
        threading.Event().wait(0.03)
    assert value(api, "micro_batch_size_passengers_count") == 2
    assert value(api, "micro_batch_size_passengers_sum") == 8
    assert value(api, "micro_batch_size_passengers_bucket", le="1.0") == 1
    assert value(api, "micro_batch_size_passengers_bucket", le="8.0") == 2
    assert value(api, "micro_batch_wait_seconds_count") == 8
    assert value(api, "micro_batch_wait_seconds_sum") > 7 * 0.03


@asynccontextmanager
async def in_one_loop(model, number):
    """Hold the model and send requests, one of them to the model and the others into the queue; give their tasks."""
    from fastapi_06_micro_batch_app import app

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://app") as api:
        model.sizes.clear()
        model.go_on.clear()
        model.is_asked.clear()
        tasks = []
        for _ in range(number):
            tasks.append(asyncio.create_task(api.post("/predict_single", json=EXAMPLES[0])))
            while not model.is_asked.is_set() or app.state.queue.qsize() < len(tasks) - 1:
                await asyncio.sleep(0.001)
        yield tasks
        model.go_on.set()
        await asyncio.gather(*tasks, return_exceptions=True)


def test_a_stop_answers_all_who_are_queued(held):
    api, model = held

    async def scenario():
        lifespan = api.app.router.lifespan_context(api.app)
        await lifespan.__aenter__()
        async with in_one_loop(model, 9) as tasks:
            stop = asyncio.create_task(lifespan.__aexit__(None, None, None))
            await asyncio.sleep(0.1)
            assert not stop.done()  # while somebody still waits
            model.go_on.set()
            await stop
            return [await task for task in tasks]

    assert {answer.status_code for answer in asyncio.run(scenario())} == {200}
    assert model.sizes == [1, 8]


def test_who_gives_up_in_the_queue_is_not_predicted(held):
    api, model = held

    async def scenario():
        async with api.app.router.lifespan_context(api.app), in_one_loop(model, 9) as tasks:
            for task in tasks[:5]:  # the first one is being predicted already
                task.cancel()
            await asyncio.sleep(0.05)
            model.go_on.set()
            return await asyncio.gather(*tasks, return_exceptions=True)

    results = asyncio.run(scenario())
    assert [isinstance(result, asyncio.CancelledError) for result in results] == [True] * 5 + [False] * 4
    assert {result.status_code for result in results[5:]} == {200}
    assert model.sizes == [1, 4]


def test_clients_that_go_away_leave_nothing_behind(server):
    body = json.dumps(EXAMPLES[0]).encode()
    head = f"POST /predict_single HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"

    async def go_away():
        _, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
        writer.write(head.encode() + b"\r\n\r\n" + body)
        await writer.drain()
        writer.transport.abort()

    async def main():
        await asyncio.gather(*(go_away() for _ in range(200)))
        async with aiohttp.ClientSession() as session:
            answers = await asyncio.gather(*(ask(session, server.url, one) for one in EXAMPLES * 20))
            return answers

    answers = asyncio.run(main())
    assert answers == [1, 0, 1] * 20
    assert value(server, "http_requests_in_progress") == 1
    assert value(server, "micro_batch_wait_seconds_count") >= 60


async def ask(session, url, passenger):
    async with session.post(f"{url}/predict_single", json=passenger) as answer:
        assert answer.status == 200, await answer.text()
        return (await answer.json())["prediction"]


def test_8_000_requests_of_64_clients_get_no_wrong_lost_or_doubled_answer(server):
    """Each fiftieth request is given up by its client on the way."""
    requests, given_up, process = 8_000, [], server.process
    rows = EVERY_KIND

    async def one_client(session, numbers, right, memory):
        for number in numbers:
            if number == requests // 4:
                memory.append(process.memory_info().rss)
            asked = asyncio.create_task(ask(session, server.url, rows[number % len(rows)]))
            if number % 50 == 0:
                await asyncio.sleep(0.002)
                if asked.cancel():
                    given_up.append(number)
            try:
                answer = await asked
            except asyncio.CancelledError:
                continue
            assert number not in answered
            answered[number] = answer == right[number % len(rows)]

    async def main():
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            async with session.post(f"{server.url}/predict_batch", json=rows) as batch:
                right = [row["prediction"] for row in (await batch.json())["batch_predictions"]]
            numbers, memory = count(), []
            # One counter for all clients: islice by a generator, so that whoever is free takes the next number.
            shared = iter(lambda: next(numbers), requests)
            await asyncio.gather(*(one_client(session, shared, right, memory) for _ in range(64)))
            return right, memory[0]

    answered = {}
    right, early = asyncio.run(main())
    assert set(right) == {0, 1}
    assert len(given_up) > 100
    assert all(answered.values())
    assert set(range(requests)) - set(answered) <= set(given_up)
    assert value(server, "http_requests_in_progress") == 1
    assert len(answered) <= value(server, "micro_batch_wait_seconds_count") <= requests
    assert value(server, "micro_batch_size_passengers_sum") == value(server, "micro_batch_wait_seconds_count")
    assert process.memory_info().rss < 1.05 * early
