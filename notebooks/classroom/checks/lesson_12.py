"""The checks of lesson 12."""

import os
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

import requests
from fastapi import FastAPI
from fastapi.testclient import TestClient

from classroom.checks import assert_of_lesson, json_of, number, returned
from classroom.servers.temporary import temporary_folder

# What a worker does: it counts so many passengers, and the library writes the count into the folder.
WORKER = """
import sys
from prometheus_client import Counter
Counter("titanic_predictions_total", "").inc(int(sys.argv[1]))
Counter("http_requests_total", "", ["endpoint"]).labels("/predict_single").inc(1000)
"""


def exercise_1(address: Any, app: Any) -> None:
    """The path and query that simulate 30 passengers with the seed 5."""
    assert isinstance(address, str), f"`address` is of the type {type(address).__name__}, and not a text"
    parts = urlsplit(address)
    assert not parts.netloc, "it is a whole address: leave out http:// and what comes before the path"
    assert parts.path == "/simulate_predictions", f"its path is {parts.path!r}, and not '/simulate_predictions'"
    assert parts.query, "there is no query: it begins with a ? after the path"

    def simulated(address: str) -> Any:
        answer = requests.post(app.url + address, timeout=10)
        between = "" if "&" in parts.query else "; & stands between two parameters"
        assert_of_lesson(answer)
        assert answer.status_code != 422, f"the app answers 422, {refusals(answer)}{between}"
        assert answer.status_code == 200, f"the app answers {answer.status_code}: {answer.text[:120]}"
        return answer.json()

    found = simulated(address)
    count = found["requested_executions"]
    hint = ": the parameter is num_executions, and & stands between two of them" if count == 10 else ""
    assert count == 30, f"it asks for {count} passengers, and not for 30{hint}"
    right = simulated("/simulate_predictions?num_executions=30&seed=5")
    same = [[one["passenger"] for one in each["simulated_predictions"]] for each in (found, right)]
    assert same[0] == same[1], "it asks for 30 passengers, but not for those of the seed 5"


def refusals(answer: Any) -> str:
    """What FastAPI says in a 422: of each parameter that does not fit, why."""
    return "; ".join(f"{problem['loc'][-1]}: {problem['msg']}" for problem in answer.json()["detail"])


def exercise_2(mine: Any) -> None:
    """GET /ages with two whole numbers in limits, one of them with a default."""
    assert isinstance(mine, FastAPI), "`mine` is no FastAPI app any more"
    api = TestClient(mine, follow_redirects=False)  # FastAPI would lead /ages to a route /ages/
    for query, right in (
        ("youngest=3", {"youngest": 3, "limit": 5}),
        ("youngest=0&limit=1", {"youngest": 0, "limit": 1}),
        ("youngest=99&limit=50", {"youngest": 99, "limit": 50}),
        ("limit=20&youngest=7", {"youngest": 7, "limit": 20}),
    ):
        answer = api.get(f"/ages?{query}")
        assert answer.status_code != 404, "there is no route GET /ages yet"
        if answer.status_code == 422:
            raise AssertionError(f"GET /ages?{query} is refused with 422, {refusals(answer)}")
        hint = ": the path of the route is not /ages" if answer.is_redirect else ""
        assert answer.status_code == 200, f"GET /ages?{query} answers {answer.status_code}{hint}"
        assert json_of(answer) == right, f"GET /ages?{query} returns {answer.json()}, and not {right}"
    assert api.get("/ages").status_code == 422, "youngest has a default: it must not have one"
    for name in ("youngest=-1", "youngest=100", "youngest=1.5", "youngest=", "youngest=3&limit=0",
                 "youngest=3&limit=51", "youngest=3&limit=2.5"):  # fmt: skip
        code = api.get(f"/ages?{name}").status_code
        assert code >= 400, f"GET /ages?{name} is answered, but it must be refused"
        assert code == 422, f"GET /ages?{name} answers {code}: let Query refuse it, with 422"


def exercise_3(total: Any) -> None:
    """What all workers have counted together, from the files in their folder."""
    assert callable(total), "`total` is no function any more: begin your cell with def total(folder)"
    with temporary_folder() as first, temporary_folder() as second:
        so_far = {first: 0, second: 0}
        for folder, count in (first, 57), (first, 40), (first, 3), (second, 8):
            settings = os.environ | {"PROMETHEUS_MULTIPROC_DIR": folder}
            subprocess.run([sys.executable, "-c", WORKER, str(count)], env=settings, check=True)
            so_far[folder] += count
            found = total(folder)
            assert found is not None, (
                "it returns None: is there a `return`, is the name of the metric right, and does the registry have the "
                "files?"
            )
            found = number("total(folder)", returned(found))
            case = f"a folder with {len(os.listdir(folder))} files, in which {so_far[folder]} passengers are counted"
            hint = "look at the name of the metric, and make the registry inside the function"
            if found == count:
                hint = "of one worker only: add up all files"
            elif found == so_far[first]:
                hint = "make the registry inside the function: it still holds the folder of the call before"
            assert found == so_far[folder], f"for {case}, it returns {found:g}: {hint}"
