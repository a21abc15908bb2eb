"""What the apps that predict must accept and refuse; their tests share these tables."""

import json
import re
import traceback
from itertools import product
from unittest.mock import Mock

from prometheus_client.parser import text_string_to_metric_families

from titanic.passenger import EXAMPLES

JSON = {"content-type": "application/json"}
HEALTH = {
    "status": "ok",
    "version": "1.0.0",
    "service": "Titanic Predictor API",
    "dependencies": "MLflow, Scikit-learn",
}
TRAIN = "python course.py train"  # an app without a model says that this is to be done
LIMIT = 10_000_000  # bytes in a body

ACCEPTED = [
    *[("Pclass", 1), ("Pclass", 2), ("Pclass", 3)],
    *[("Sex", "male"), ("Sex", "female")],
    *[("Age", 0.1), ("Age", 99.9)],
    *[("SibSp", 0), ("SibSp", 20), ("Parch", 0), ("Parch", 20)],
    *[("Fare", 0), ("Fare", 10_000)],
    *[("Embarked", "C"), ("Embarked", "Q"), ("Embarked", "S")],
    # What Pydantic converts unless told to be strict:
    *[("Age", "22"), ("Fare", "7.25"), ("SibSp", "1"), ("SibSp", 1.0), ("Parch", True), ("Pclass", True)],
    *[("Pclass", 1.0), ("Pclass", 3.0)],
]

NAN, INFINITY = float("nan"), float("inf")

REFUSED = [
    *[("Pclass", value) for value in (0, 4, -1, 1.5, "1", "first", None, NAN, [], {})],
    *[("Sex", value) for value in ("Male", "woman", "", 1, None, "\ud800", "female\0")],
    *[("Age", value) for value in (0, 100, -5, "old", None, NAN, INFINITY, -INFINITY, "nan", [22], 10**400)],
    *[("SibSp", value) for value in (-1, 21, 2.5, "2.5", None, NAN, INFINITY, 10**400)],
    *[("Parch", value) for value in (-1, 21, 2.5, None, NAN)],
    *[("Fare", value) for value in (-0.01, 10_000.01, "free", None, NAN, INFINITY)],
    *[("Embarked", value) for value in ("c", "X", "", None, 0)],
    *[("Name", "Rose"), ("age", 30), ("Age ", 30), ("", 1), ("é\0\u202e", 1)],  # unknown fields
]

PASSENGER = json.dumps(EXAMPLES[0]).encode()

# Bodies that are no passenger and no list of passengers: the bytes, and what the header says that they are.
UNREADABLE = {
    "nothing": (b"", JSON),
    "cut off": (PASSENGER[:-1], JSON),
    "not JSON": (b"Pclass=1&Sex=female", JSON),
    "two values": (PASSENGER + PASSENGER, JSON),
    "null": (b"null", JSON),
    "a number": (b"1", JSON),
    "text": (PASSENGER, {"content-type": "text/plain"}),
    "a form": (b"Pclass=1", {"content-type": "application/x-www-form-urlencoded"}),
    "a form with parts": (b"--x--", {"content-type": "multipart/form-data; boundary=x"}),
    "a content type that is none": (PASSENGER, {"content-type": "/;="}),
    "deep lists": (b"[" * 100_000 + b"]" * 100_000, JSON),
    "deep objects": (b'{"Age":' * 100_000 + b"1" + b"}" * 100_000, JSON),
    "a number of 5,000 digits": (b'{"Age": ' + b"9" * 5_000 + b"}", JSON),
    "invalid UTF-8": (b'{"Sex": "\xff"}', JSON),
}

# One of each kind, so that the answers are not all the same.
EVERY_KIND = [
    {"Pclass": pclass, "Sex": sex, "Age": age, "SibSp": 1, "Parch": 0, "Fare": 90 / pclass**2, "Embarked": port}
    for pclass, sex, age, port in product([1, 2, 3], ["male", "female"], [4.0, 35.0], ["C", "Q", "S"])
]


def post(api, path, body):
    """Send this as JSON, also what other clients refuse to send: not-a-number and infinity."""
    return api.post(path, content=json.dumps(body), headers=JSON)


def a_batch_is_as_singles(api):
    """A batch is answered as its passengers are one at a time. Returns the answers for one."""
    batch = post(api, "/predict_batch", EVERY_KIND).json()["batch_predictions"]
    singles = [post(api, "/predict_single", passenger).json() for passenger in EVERY_KIND]
    assert batch == [{"passenger_index": index} | single for index, single in enumerate(singles)]
    return singles


def accepts_and_refuses(api):
    """Of one passenger and of many, what is possible is accepted, and what cannot be is refused and named."""
    for field, value in ACCEPTED:
        passenger = EXAMPLES[0] | {field: value}
        assert post(api, "/predict_single", passenger).status_code == 200, (field, value)
        assert post(api, "/predict_batch", [EXAMPLES[1], passenger]).status_code == 200, (field, value)
    for field, value in REFUSED:
        passenger = EXAMPLES[0] | {field: value}
        assert places(post(api, "/predict_single", passenger)) == [("body", field)]
        assert places(post(api, "/predict_batch", [EXAMPLES[1], passenger])) == [("body", 1, field)]
    for path, (kind, (body, headers)) in product(["/predict_single", "/predict_batch"], UNREADABLE.items()):
        assert 400 <= api.post(path, content=body, headers=headers).status_code < 500, (path, kind)


def count_calls(api):
    """Let the app's model go on as it is, and count: .call_count of what is returned."""
    classifier = api.app.state.model[-1]  # the last step: an app may leave out the first
    classifier.predict_proba = Mock(wraps=classifier.predict_proba)
    return classifier.predict_proba


def reason(answer, caplog, what="Prediction", raised="ValueError"):
    """Why this answer is a 500: the log says so, in one record with the answer's reference, and the answer does not."""
    assert answer.status_code == 500
    assert list(answer.json()) == ["detail"]
    reference = re.fullmatch(f"{what} failed: ([0-9a-f]{{8}})", answer.json()["detail"])
    assert reference, answer.json()
    (record,) = [record for record in caplog.records if reference[1] in record.getMessage()]
    assert (record.levelname, record.name.partition(".")[0]) == ("ERROR", "titanic")
    assert re.search(f"^({raised}): ", "".join(traceback.format_exception(*record.exc_info)), re.MULTILINE)
    return record.getMessage().partition(f"{reference[0]}: ")[2]


def places(answer):
    """Where the faults are, such as ("body", 1, "Age"), if this is a 422 as the course promises it."""
    assert answer.status_code == 422
    assert all(set(fault) == {"type", "loc", "msg"} for fault in answer.json()["detail"]), "the input is sent back"
    return [tuple(fault["loc"]) for fault in answer.json()["detail"]]


def chunks(size):
    """A body of this many bytes, sent in pieces: its length is not known beforehand."""
    for _ in range(size // 1_000_000):
        yield b" " * 1_000_000
    yield b" " * (size % 1_000_000)


def documented_examples(api, path):
    """The worked examples that /docs offers for the body of this path."""
    api_description = api.get("/openapi.json").json()
    schema = api_description["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return api_description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["examples"]


def samples(api):
    """Each series that /metrics tells: its name, its labels and its value."""
    families = text_string_to_metric_families(api.get("/metrics").text)
    return [sample for family in families for sample in family.samples]


def values(api, name, **labels):
    """The values of all series of this name that have these labels."""
    return [s.value for s in samples(api) if s.name == name and labels.items() <= s.labels.items()]


def value(api, name, **labels):
    """The value of the one series of this name that has these labels."""
    (found,) = values(api, name, **labels)
    return found


def entries(log_file):
    """What each line of a prediction log says; a line that is no JSON object fails."""
    return [json.loads(line) for line in log_file.read_text(encoding="utf-8").splitlines()]
