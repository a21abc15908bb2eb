"""`course.py bench`: its parts, tried on real servers for a moment; how fast this machine is does not matter."""

import asyncio
import copy
import statistics
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from setting_up.causes import cause

from classroom.commands import _rounds as rounds
from classroom.commands import bench
from classroom.load import capacity, drive
from classroom.servers import contestants, extras
from classroom.servers.contestants import COURSE, OTHERS, PACKAGES, Contestant, Kind, course_app
from classroom.servers.ports import is_taken
from classroom.traffic import real_passengers
from titanic.problem import Problem

ROOT = Path(__file__).resolve().parents[1]
DONE = subprocess.CompletedProcess([], 0, stdout="")
PASSENGERS = real_passengers()[:20]
WRONG = """
from fastapi import FastAPI
from titanic.passenger import Passenger

app = FastAPI()

@app.get("/health")
def health(): ...

@app.post("/predict_single")
def predict_single(passenger: Passenger):
    return {"prediction": 0, "survival_status": "Not Survived"}
"""


@pytest.fixture(scope="module")
def servers(champion, tmp_path_factory):
    """The servers of the bench, started as it starts them; once for all tests."""
    with ExitStack() as stack:
        yield bench.start(COURSE, stack, tmp_path_factory.mktemp("bench"))


def test_every_load_is_answered_and_the_same_app_is_as_fast_as_itself(servers):
    app = servers["fastapi_06 (micro-batch)"]
    results = rounds.measure({"first": app, "second": app}, PASSENGERS, rounds=5, seconds=0.2)
    assert {len(loads) for loads in results.values()} == {5}
    for loads in results.values():
        assert sum(load.errors for load in loads) == 0
        assert all(0 < load.p50 <= load.p99 for load in loads)
    table = rounds.table(results, base="first", limit="second").set_index(["clients", "server"])
    assert table.loc[(16, "first"), "times the base"] == table.loc[(16, "second"), "of the limit"] == 1
    assert 0.4 < table.loc[(16, "second"), "times the base"] < 2.5
    expected = statistics.median(
        one.rate / other.rate for one, other in zip(results["second", 16], results["first", 16], strict=True)
    )
    assert table.loc[(16, "second"), "times the base"] == round(expected, 2)


def test_littles_law_holds_for_what_is_measured(servers):
    app = servers["fastapi_05 (def)"]
    load = drive(app.url_of_prediction, app.bodies(PASSENGERS), clients=8, seconds=0.5)
    assert load.rate * load.mean / 1000 == pytest.approx(8, rel=0.15)


def test_what_is_no_success_is_an_error(servers):
    app = servers["fastapi_05 (def)"]
    load = drive(app.url_of_prediction, [b"{}"], clients=2, seconds=0.2)
    assert load.errors > 0
    assert load.errors >= 0.99 * load.rate * 0.2  # all of them: it lasted 0.2 seconds, or on a busy machine longer


def test_a_server_that_answers_wrongly_is_found(servers, tmp_path):
    (tmp_path / "wrong_app.py").write_text(WRONG)
    kind = course_app("wrong_app")
    wrong = Kind(lambda port: [*kind.command(port), "--app-dir", str(tmp_path)], kind.path)
    pair = {"right": servers["fastapi_05 (def)"], "wrong": Contestant("wrong", wrong)}
    pair["wrong"].wait_until_ready()
    with pytest.raises(Problem, match="wrong and right do not agree on"):
        rounds.check_same_answers(pair, PASSENGERS)
    pair["wrong"].stop()


def test_a_server_that_refuses_is_found(servers):
    refusing = copy.copy(servers["fastapi_05 (def)"])
    refusing.kind = refusing.kind._replace(body=lambda passenger: {})
    with pytest.raises(Problem, match="ill answers 422"):
        rounds.check_same_answers({"ill": refusing}, PASSENGERS)


def test_the_clients_reach_more_than_any_app(servers):
    app = servers["fastapi_05 (def)"]
    bodies = app.bodies(PASSENGERS)
    most = asyncio.run(capacity(bodies[0], 0.5))
    assert most > 2 * drive(app.url_of_prediction, bodies, clients=16, seconds=0.5).rate


def test_a_long_log_costs_no_more_than_an_empty_one(tmp_path, champion):
    assert rounds.log_line_ratio(tmp_path) <= 1.2


@pytest.mark.parametrize("name", PACKAGES)
def test_a_peer_is_installed_in_pinned_versions_into_an_environment_of_its_own(name, monkeypatch, tmp_path):
    called = []
    monkeypatch.setattr(extras, "TOOLS", tmp_path)
    monkeypatch.setattr(extras.subprocess, "run", lambda command, **options: called.append(command) or DONE)
    (folder := tmp_path / "peers" / name).mkdir(parents=True)  # which the first command makes
    contestants.install(name, cause)
    contestants.install(name, cause)  # nothing is left to do
    make, install = called
    assert make[-1] == str(folder)
    assert install[-len(PACKAGES[name]) :] == PACKAGES[name]
    assert all("==" in package for package in PACKAGES[name])
    assert install[install.index("--python") + 1].startswith(str(folder))


def test_a_peer_that_cannot_be_installed_is_one_sentence(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(extras, "TOOLS", tmp_path)
    said = "invalid peer certificate: UnknownIssuer"
    monkeypatch.setattr(extras, "install_commands", lambda *_: [[sys.executable, "-c", f"raise SystemExit('{said}')"]])
    with pytest.raises(Problem, match=r"could not be installed.* Ask for its certificate, .*\. Leave out --peers"):
        contestants.install("bentoml", cause)
    assert capsys.readouterr().out.endswith(f"{said}\n")


@pytest.mark.parametrize("name", OTHERS)
def test_a_request_to_a_peer_holds_the_whole_passenger(name):
    body = str(OTHERS[name].body(PASSENGERS[0]))
    assert all(str(value) in body and field in body for field, value in PASSENGERS[0].items())


def test_bench_finds_the_same_answers_everywhere_prints_its_table_and_draws_the_picture(servers, monkeypatch, capsys):
    monkeypatch.setattr(bench, "start", lambda *parameters: servers)  # they run already
    monkeypatch.setattr(sys, "argv", ["bench", "--rounds", "1", "--seconds", "0.2"])
    bench.main()
    printed = capsys.readouterr().out
    assert f"All {len(COURSE) - 1} servers that predict give the same answers" in printed
    for text in (
        *COURSE,
        "of the limit",
        "times its graph, reading and validation",
        "monitoring and log",
        "batch of 10,000",
        "a line in a log",
        "start-up",
    ):
        assert text in printed
    assert (ROOT / "logs" / "serving_speed.png").stat().st_size > 10_000


def test_a_stopped_server_leaves_no_process_and_no_port(champion):
    server = Contestant("fastapi_05", COURSE["fastapi_05 (def)"])
    server.wait_until_ready()
    everybody = psutil.Process(server.watcher.pid).children(recursive=True)
    assert everybody
    server.stop()
    assert psutil.wait_procs(everybody, timeout=10)[1] == []
    assert not is_taken(server.port)
