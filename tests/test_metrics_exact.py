"""Under 32 clients at once, the last app counts and logs exactly what happened; and no client can make series."""

import random
import string
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from contract import entries, samples, values
from serving import serve, settle

from titanic.passenger import EXAMPLES

NAME = "prometheus_04_multi_execute_app"
CLIENTS, EACH = 32, 27  # three of each kind
BABY = EXAMPLES[0] | {"Age": 0.5}  # the model of this server fails for it

# What a client may send: the route that is counted, the status code that comes back, the path, the body.
KINDS = {
    "single": ("/predict_single", 200, "/predict_single", EXAMPLES[1]),
    "batch": ("/predict_batch", 200, "/predict_batch", EXAMPLES),
    "simulation": ("/simulate_predictions", 200, "/simulate_predictions?num_executions=5", None),
    "wrong passenger": ("/predict_single", 422, "/predict_single", EXAMPLES[0] | {"Age": -1}),
    "wrong batch": ("/predict_batch", 422, "/predict_batch", [{}]),
    "wrong number": ("/simulate_predictions", 422, "/simulate_predictions?num_executions=101", None),
    "no such page": ("<unmatched>", 404, "/iceberg", EXAMPLES[0]),
    "ill": ("/predict_single", 500, "/predict_single", BABY),
    "ill batch": ("/predict_batch", 500, "/predict_batch", [EXAMPLES[1], BABY]),
}


@pytest.fixture
def server(store_ill_with_babies, log_file):
    with serve(NAME, MLFLOW_TRACKING_URI=store_ill_with_babies) as server:
        yield server


def be_a_client(url, number):
    """Send requests of all kinds; return each kind with its status code and the passengers that were answered."""
    kinds = list(KINDS) * (EACH // len(KINDS))
    random.Random(number).shuffle(kinds)
    seen = []
    with requests.Session() as session:
        for kind in kinds:
            answer = session.post(url + KINDS[kind][2], json=KINDS[kind][3], timeout=60)
            if answer.status_code != 200:
                seen.append((kind, answer.status_code, []))
            elif kind == "single":
                seen.append((kind, 200, [answer.json()]))
            else:
                seen.append((kind, 200, next(rows for rows in answer.json().values() if isinstance(rows, list))))
    return seen


def test_counters_and_log_are_exactly_what_32_clients_saw(server, log_file):
    with ThreadPoolExecutor(CLIENTS) as pool:
        futures = [pool.submit(be_a_client, server.url, number) for number in range(CLIENTS)]
        seen = [one for future in futures for one in future.result()]
    settle(server)
    assert len(seen) == CLIENTS * EACH
    assert [one for one in seen if one[1] != KINDS[one[0]][1]] == []

    requests_seen = Counter((KINDS[kind][0], str(code)) for kind, code, _ in seen)
    requests_counted = {
        (sample.labels["endpoint"], sample.labels["status_code"]): sample.value
        for sample in samples(server)
        if sample.name == "http_requests_total" and sample.labels["method"] == "POST" and sample.value
    }
    assert requests_counted == requests_seen

    for endpoint in {endpoint for endpoint, _ in requests_seen}:
        number = sum(count for (where, _), count in requests_seen.items() if where == endpoint)
        assert values(server, "http_request_duration_seconds_count", endpoint=endpoint, method="POST") == [number]
    for endpoint in ("/predict_single", "/predict_batch"):
        assert values(server, "http_errors_total", endpoint=endpoint) == [requests_seen[endpoint, "500"]]
    assert values(server, "http_errors_total", endpoint="/simulate_predictions") == [0]

    rows = [row for _, _, rows in seen for row in rows]
    total = len(rows)
    assert values(server, "titanic_predictions_total") == [total]
    assert values(server, "passenger_age_distribution_count") == [total]
    for predicted in (0, 1):
        counted = values(server, "titanic_predictions_output_total", predicted_class=str(predicted))
        assert counted == [sum(row["prediction"] == predicted for row in rows)]
    for kind, each in [("single", 1), ("batch", 1), ("simulation", 5)]:
        happened = sum(one[0] == kind for one in seen)
        assert values(server, "prediction_type_total", type=kind) == [each * happened]

    lines = entries(log_file)
    assert [line["execute"] for line in lines] == list(range(1, total + 1))
    assert Counter(line["prediction"] for line in lines) == Counter(row["prediction"] for row in rows)
    logged = {line["execute"]: line for line in lines}
    for row in rows:
        if "execute" in row:
            assert row["probability"] == logged[row["execute"]]["probability"]
            assert row["execution_time"] == logged[row["execute"]]["execution_time"]
    assert values(server, "prediction_log_errors_total") == [0]


def look_for_pages(url, seed, number):
    """Ask for so many random pages; return the status codes."""
    draw = random.Random(seed)
    with requests.Session() as session:
        prepared = session.prepare_request(requests.Request("GET", url))
        codes = Counter()
        for _ in range(number):
            prepared.url = f"{url}/{''.join(draw.choices(string.ascii_letters + '/', k=12))}"
            codes[session.send(prepared, timeout=60).status_code] += 1
    return codes


def series(api):
    """The series that /metrics tells, apart from its own; the buckets of a histogram are one."""
    found = {(s.name, *(s.labels.get(label) for label in ("method", "endpoint", "status_code"))) for s in samples(api)}
    return {one for one in found if "/metrics" not in one}


def test_400_unknown_pages_are_one_series(server):
    before = series(server)
    with ThreadPoolExecutor(4) as pool:
        codes = sum(pool.map(look_for_pages, [server.url] * 4, range(4), [100] * 4), Counter())
    settle(server)
    assert codes == {404: 400}
    assert series(server) - before == {
        ("http_requests_total", "GET", "<unmatched>", "404"),
        ("http_request_duration_seconds_bucket", "GET", "<unmatched>", None),
        ("http_request_duration_seconds_sum", "GET", "<unmatched>", None),
        ("http_request_duration_seconds_count", "GET", "<unmatched>", None),
    }
    assert values(server, "http_requests_total", endpoint="<unmatched>") == [400]
