"""The challenger: who is held out, what chance can do, the rule, what is logged, and how the aliases move."""

import contextlib
import io
import itertools
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import mlflow
import numpy as np
import pandas as pd
import pytest
from scouter import PsiDriftProfile

import mlflow_01_retrain_model
from classroom.other_ship import other_ship
from classroom.other_store import copy_of_store
from classroom.servers.ports import free_port
from mlflow_01_retrain_model import decide, split
from titanic import aliases, comparison, store
from titanic.dataset import COLUMNS, fingerprint, read_passengers
from titanic.labelled import read_labelled
from titanic.pending import Pending, Waiting
from titanic.problem import Problem

APPS = Path(__file__).resolve().parents[2] / "apps"
FORMS = (store.MODEL_NAME, store.ONNX_NAME)


def sail(file, passengers):
    """Store these passengers as the app of lesson 20 does it, each of them with its outcome."""
    pending, rows = Pending(Path(file), 10**6), passengers[COLUMNS].to_dict("records")
    ids = [f"{len(passengers)}-{number}" for number in range(len(rows))]
    pending.add([Waiting(one, 0.5, json.dumps(row)) for one, row in zip(ids, rows, strict=True)])
    list(pending.match(list(zip(ids, passengers["survived"].tolist(), strict=True))))
    pending.close()


def alias_table():
    """All aliases of both forms of the model, as they stand in the database: (name, alias, version) each."""
    with closing(sqlite3.connect(store.database())) as connection:
        return {*connection.execute("SELECT name, alias, version FROM registered_model_aliases")}


def of_both(**versions):
    """What alias_table says if both forms have these aliases."""
    return {(name, alias, version) for name in FORMS for alias, version in versions.items()}


# Who is held out


def labelled(*moments):
    """Different passengers, one for each of these moments."""
    return other_ship(len(moments), seed=1).assign(made_at=np.array(moments, dtype=float))


def test_the_newest_half_is_held_out_and_nobody_else():
    older, newest = split(labelled(*range(1, 401)), used_until=0)
    assert (older["made_at"].tolist(), newest["made_at"].tolist()) == ([*range(1, 201)], [*range(201, 401)])


def test_only_those_are_held_out_who_are_new_to_the_champion():
    older, newest = split(labelled(*range(1, 801)), used_until=500)
    assert (newest["made_at"].min(), len(newest), len(older)) == (651, 150, 650)
    older, newest = split(labelled(*[500] * 700, *range(501, 701)), used_until=500)  # of one batch, all are used
    assert (newest["made_at"].min(), len(newest)) == (601, 100)


@pytest.mark.parametrize(("number", "used_until", "new"), [(199, 0, 199), (900, 701, 199), (900, 900, 0)])
def test_too_few_outcomes_are_told_with_their_number(number, used_until, new):
    told = (
        rf"^There are too few outcomes: {new} are new to the champion, .* are {new // 2} different passengers; 100 are"
    )
    with pytest.raises(Problem, match=told):
        split(labelled(*range(1, number + 1)), used_until)


def test_who_asks_again_and_again_is_compared_once_and_not_learnt_from():
    people = other_ship(120, seed=1)
    asked = pd.concat([people.assign(Fare=people["Fare"] + 1)] * 3 + [people] * 3, ignore_index=True)
    older, newest = split(asked.assign(made_at=np.arange(1.0, 721)), used_until=0)
    assert newest["made_at"].tolist() == [*range(601, 721)]
    assert older["made_at"].tolist() == [*range(1, 361)]
    with pytest.raises(Problem, match=r": 720 are new to the champion, .* are 30 different passengers"):
        split(labelled(*range(1, 31)).sample(720, replace=True, random_state=1).assign(made_at=np.arange(1, 721)), 0)


# What chance can do, by group, and the time


def test_the_bootstrap_is_what_theory_says_of_many_passengers():
    differences = pd.Series(np.random.default_rng(1).choice([-1, 0, 1], 2000, p=[0.05, 0.85, 0.1]))
    low, high = comparison.chance(differences)
    expected = 1.96 * differences.std() / 2000**0.5
    assert (high - low) / 2 == pytest.approx(expected, rel=0.1)
    assert (low + high) / 2 == pytest.approx(differences.mean(), abs=0.2 * expected)
    assert comparison.chance(differences) == (low, high)  # the same data, the same answer


def test_it_is_paired_so_what_both_do_alike_is_no_chance():
    assert comparison.chance(pd.Series([0] * 300)) == (0, 0)
    assert comparison.chance(pd.Series([1] * 300)) == (1, 1)


def test_more_passengers_leave_less_to_chance():
    differences = pd.Series([1, 0, 0, 0, 0, -1, 1, 0, 0, 0])
    few, many = (comparison.chance(pd.concat([differences] * times)) for times in (3, 30))
    assert few[0] < 0 < many[0]


def test_each_passenger_is_in_one_group_by_sex_class_and_age():
    ship = other_ship(300, seed=1)
    found = comparison.groups(ship)
    assert list(found) == ["female", "male", "class 1", "class 2", "class 3", "age 16 to 59", "age 60 and older",
                           "age under 16"]  # fmt: skip
    assert (sum(members.astype(int) for members in found.values()) == 3).all()
    ages = pd.DataFrame({"Age": [0.1, 15.9, 16.0, 59.9, 60.0, 99.0], "Sex": "male", "Pclass": 1})
    found = comparison.groups(ages)
    assert [found[f"age {name}"].sum() for name in ("under 16", "16 to 59", "60 and older")] == [2, 2, 2]


def test_a_group_has_its_own_numbers_and_a_small_one_has_none():
    sexes = pd.DataFrame({"Sex": ["male"] * 100 + ["female"] * 19, "Pclass": 1, "Age": 30.0})
    champion = pd.Series([1] * 50 + [0] * 50 + [1] * 19)
    challenger = pd.Series([1] * 80 + [0] * 20 + [0] * 19)
    table = comparison.compare(sexes, champion, challenger)
    assert list(table.index) == ["all", "male", "class 1", "age 16 to 59"]
    assert table.loc["male"].tolist()[:4] == pytest.approx([100, 0.5, 0.8, 0.3])
    assert table.loc["all"].tolist()[:4] == pytest.approx([119, 69 / 119, 80 / 119, 11 / 119])


class Slow:
    """A model that needs several times as long as another one."""

    def __init__(self, model, times):
        self.model, self.times = model, times

    def predict_proba(self, rows):
        return [self.model.predict_proba(rows) for _ in range(self.times)][-1]


def test_the_time_is_a_ratio_that_knows_a_slow_model(retrained):
    row = other_ship(1, seed=1)[COLUMNS]
    one, slow = retrained.model, Slow(retrained.model, 4)
    assert 0.6 < comparison.times_as_long(one, one, row) < mlflow_01_retrain_model.SLOWER
    assert comparison.times_as_long(one, slow, row) > 2.5
    assert comparison.times_as_long(slow, one, row) < 0.4


# The rule


@pytest.mark.parametrize(
    ("every", "group", "times", "not_met"),
    [
        ((0.05, 0.02), (0.01, 0.03), 1.0, []),
        ((0.05, 0.0), (0.01, 0.03), 1.0, ["better by more than chance"]),
        ((0.05, 0.02), (0.01, 0.03), 1.51, ["not slower"]),
        ((0.05, 0.02), (-0.06, -0.01), 1.5, ["no group much worse"]),
        ((0.05, 0.02), (-0.06, 0.01), 1.0, []),  # it may be chance
        ((0.05, 0.02), (-0.04, -0.01), 1.0, []),  # it is little
        ((-0.05, -0.09), (-0.5, -0.4), 9.0, ["better by more than chance", "not slower", "no group much worse"]),
    ],
)
def test_the_rule(every, group, times, not_met):
    table = pd.DataFrame({"difference": [every[0], group[0]], "low": [every[1], -1], "high": [1, group[1]]},
                         index=["all", "female"])  # fmt: skip
    assert [condition for condition, met in decide(table, times).items() if not met] == not_met


# What a retraining does, once for all of these tests


@pytest.fixture(scope="module")
def retrained(champion_anew, tmp_path_factory):
    """What was seen while a challenger was trained on 300 passengers of another ship, and compared by 300."""
    outside, file = store.tracking_uri(), tmp_path_factory.mktemp("outcomes") / "outcomes.sqlite3"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OUTCOME_DATABASE", str(file))
        patch.setenv("MLFLOW_TRACKING_URI", copy_of_store())
        seen = SimpleNamespace(before=alias_table(), ship=other_ship(600, seed=2), moves=[], file=file)
        sail(file, seen.ship)
        move = aliases.move
        patch.setattr(aliases, "move", lambda changes: seen.moves.append((changes, alias_table())) or move(changes))
        with contextlib.redirect_stdout(io.StringIO()) as said:
            print(mlflow_01_retrain_model.retrain())
        patch.setattr(aliases, "move", move)
        seen.said, seen.after, seen.database = said.getvalue().splitlines(), alias_table(), store.database()
        seen.model = mlflow.sklearn.load_model(f"models:/{store.MODEL_NAME}@challenger")
        seen.champion = mlflow.sklearn.load_model(store.CHAMPION)
        seen.version = aliases.registry().get_model_version_by_alias(store.MODEL_NAME, "challenger")
        seen.run = aliases.registry().get_run(seen.version.run_id)
        seen.folder = mlflow.artifacts.download_artifacts(run_id=seen.version.run_id)
        yield seen
    mlflow.set_tracking_uri(outside)


@pytest.fixture
def registry(retrained, tmp_path, monkeypatch):
    """A store like the one after the retraining, for one test."""
    shutil.copy(retrained.database, tmp_path / "mlflow.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{(tmp_path / 'mlflow.db').as_posix()}")
    return aliases.registry()


def test_it_reports_in_few_lines_and_ends_with_one_sentence(retrained):
    assert retrained.said[-1] == "Version 2 is the challenger: the rule is met."
    assert [line for line in retrained.said if line.startswith(("yes", "NO"))] == [
        "yes  better by more than chance", "yes  not slower", "yes  no group much worse",
    ]  # fmt: skip
    assert retrained.said[0] == "The challenger learns from 1306 passengers of lesson 01 and 300 with an outcome."
    assert retrained.said[1].startswith("Both models are compared by the newest 300. Look-alikes")
    assert retrained.said[1].endswith(": 0.")
    assert max(map(len, retrained.said)) <= 120


def test_neither_model_has_seen_those_who_are_held_out(retrained):
    X, y = read_passengers()
    learnt = pd.concat([X.assign(survived=y), retrained.ship[:300]], ignore_index=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OUTCOME_DATABASE", str(retrained.file))
        held_out = read_labelled().tail(300)
    assert held_out[[*COLUMNS, "survived"]].reset_index(drop=True).equals(retrained.ship[300:].reset_index(drop=True))
    logged = {one.tags[0].value: one.dataset.digest for one in retrained.run.inputs.dataset_inputs}
    assert logged == {"training": fingerprint(learnt), "comparison": fingerprint(held_out)}
    again = mlflow_01_retrain_model.candidates()[mlflow_01_retrain_model.PIPELINE]
    again.fit(learnt[COLUMNS], learnt["survived"])
    assert np.array_equal(again.predict_proba(X), retrained.model.predict_proba(X))
    assert comparison.look_alikes(held_out, learnt) == 0


def test_a_fingerprint_is_of_all_that_is_in_the_table():
    table = other_ship(50, seed=1)
    changed = table.copy()
    changed.loc[49, "Fare"] += 0.01
    assert fingerprint(table) == fingerprint(table.copy()) != fingerprint(changed)
    assert comparison.look_alikes(table, pd.concat([changed, table[:7]])) == 49


def test_both_evaluations_are_logged_and_true(retrained):
    held_out = retrained.ship[300:]
    for name, model in (("champion", retrained.champion), ("challenger", retrained.model)):
        accuracy = (model.predict(held_out[COLUMNS]) == held_out["survived"]).mean()
        assert retrained.run.data.metrics[name] == pytest.approx(accuracy)
    metrics = retrained.run.data.metrics
    assert metrics["difference"] == pytest.approx(metrics["challenger"] - metrics["champion"])
    assert 0 < metrics["low"] < metrics["difference"] < metrics["high"]
    assert 0 < metrics["times_as_long"] <= mlflow_01_retrain_model.SLOWER
    table = pd.read_csv(Path(retrained.folder) / "comparison.csv", index_col="group")
    assert table.loc[["female", "male"], "passengers"].sum() == table.loc["all", "passengers"] == 300


def test_the_drift_profile_is_that_of_what_it_has_learnt_from(retrained):
    text = (Path(retrained.folder) / "drift" / "psi.json").read_text(encoding="utf-8")
    known = pd.concat([read_passengers()[0], retrained.ship[:300][COLUMNS]]).dropna()
    share = PsiDriftProfile.model_validate_json(text).features["Sex"].bins
    assert sorted(one.proportion for one in share) == pytest.approx(sorted(known["Sex"].value_counts(normalize=True)))
    assert json.loads((Path(retrained.folder) / "drift" / "custom.json").read_text(encoding="utf-8"))


def test_the_aliases_move_once_and_last(retrained):
    assert retrained.before == of_both(champion=1)
    assert retrained.moves == [({"challenger": "2"}, retrained.before)]
    assert retrained.after == of_both(champion=1, challenger=2)
    assert retrained.version.tags["verdict"] == aliases.MET
    assert retrained.version.tags["compared_with"] == "1"


def test_if_the_champion_moves_meanwhile_it_is_compared_with_the_one_that_it_notes(retrained, registry, monkeypatch):
    monkeypatch.setenv("OUTCOME_DATABASE", str(retrained.file))
    alike, seen = comparison.look_alikes, []
    monkeypatch.setattr(
        mlflow_01_retrain_model, "look_alikes", lambda *tables: aliases.move({"champion": "2"}) or alike(*tables)
    )
    monkeypatch.setattr(mlflow_01_retrain_model, "load", lambda uri: seen.append(uri) or retrained.champion)
    monkeypatch.setattr(mlflow_01_retrain_model, "register_challenger", lambda *_: seen.append(_[-1]) or "3")
    mlflow_01_retrain_model.retrain()
    assert seen[0] == f"models:/titanic/{seen[1]['compared_with']}" == "models:/titanic/1"


def test_whom_it_was_compared_by_cannot_judge_it_once_more(retrained, monkeypatch, tmp_path):
    file = shutil.copy(retrained.file, tmp_path)
    monkeypatch.setenv("OUTCOME_DATABASE", str(file))
    used_until = float(retrained.version.tags["used_until"])
    with pytest.raises(Problem, match="0 are new to the champion"):
        split(read_labelled(), used_until)
    sail(file, other_ship(240, seed=3))
    older, newest = split(read_labelled(), used_until)
    assert newest["Fare"].tolist() == other_ship(240, seed=3)["Fare"].tolist()[120:]
    assert len(older) == 720


# Promote, and roll back


def test_promote_keeps_previous_and_roll_back_returns_to_it(registry):
    assert aliases.promote().startswith("Version 2 is the champion now, and version 1 is kept as previous. Restart the")
    assert alias_table() == of_both(champion=2, previous=1)
    with pytest.raises(Problem, match=r"^There is no challenger to promote\. .*course\.py retrain$"):
        aliases.promote()
    assert aliases.roll_back().startswith("Version 1 is the champion again, in place of version 2.")
    assert alias_table() == of_both(champion=1)
    with pytest.raises(Problem, match=r"^There is nothing to roll back to: "):
        aliases.roll_back()
    assert registry.get_model_version_by_alias("titanic", "champion").version in (1, "1")


def test_from_a_training_after_a_promotion_one_goes_back_to_the_version_that_served_until_then(registry):
    aliases.promote()
    aliases.move({"champion": "1"})  # as a training does it
    assert alias_table() == of_both(champion=1, previous=2)
    assert aliases.roll_back().startswith("Version 2 is the champion again, in place of version 1.")
    assert alias_table() == of_both(champion=2)


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("verdict", "the rule is not met (not slower)", r"the rule is not met \(not slower\)"),
        ("compared_with", "7", "it was compared with version 7, and the champion is version 1"),
        ("verdict", None, "it was never compared with the champion"),
    ],
)
def test_promote_refuses_what_the_rule_is_against_and_says_why(registry, key, value, why):
    if value:
        registry.set_model_version_tag("titanic", "2", key, value)
    else:
        registry.delete_model_version_tag("titanic", "2", key)
    with pytest.raises(Problem, match=rf"^Version 2 is not promoted: {why}\. Train .*--promote --anyway$"):
        aliases.promote()
    assert alias_table() == of_both(champion=1, challenger=2)
    aliases.promote(anyway=True)
    assert alias_table() == of_both(champion=2, previous=1)


def test_a_challenger_without_onnx_leaves_no_champion_there_rather_than_another(registry):
    with closing(sqlite3.connect(store.database())) as connection, connection:
        connection.execute("DELETE FROM model_versions WHERE name = 'titanic_onnx' AND version = 2")
    aliases.promote()
    assert alias_table() == {("titanic", "champion", 2), ("titanic", "previous", 1), ("titanic_onnx", "previous", 1)}
    aliases.roll_back()
    assert alias_table() == of_both(champion=1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
@pytest.mark.parametrize("what", [aliases.promote, aliases.roll_back], ids=["promote", "roll_back"])
def test_killed_at_any_line_all_aliases_are_old_or_all_are_new(registry, monkeypatch, tmp_path, what):
    monkeypatch.setattr(aliases, "in_onnx", {"1": "1", "2": "2", None: None}.get)  # in both forms the same numbers here
    if what is aliases.roll_back:
        aliases.promote()
    found = aliases.versions()
    monkeypatch.setattr(aliases, "versions", lambda: found)
    monkeypatch.setattr(aliases, "registry", lambda: SimpleNamespace(get_model_version=lambda *_: SimpleNamespace(
        tags={"verdict": aliases.MET, "compared_with": "1"})))  # fmt: skip
    old, backup = alias_table(), shutil.copy(store.database(), tmp_path / "backup.db")
    new = of_both(champion=2, previous=1) if what is aliases.promote else of_both(champion=1)
    states = []
    for line in itertools.count(1):
        shutil.copy(backup, store.database())
        if not killed_at(line, what):
            break
        states.append(alias_table())
    assert len(states) > 20
    assert all(state in (old, new) for state in states)
    assert states == sorted(states, key=lambda state: state == new)  # old, and from some line on new
    assert (states[0], alias_table()) == (old, new)


def killed_at(line, call):
    """Do this in a process that kills itself at this line of aliases.py; False if it has ended before."""
    if not (child := os.fork()):
        try:
            run_until(line, call)
        finally:
            os._exit(1)  # whatever happens: the child must not go on with the tests
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or status == 0
    return os.WIFSIGNALED(status)


def run_until(line, call):
    """Do this, and end this process: by a kill at this line of aliases.py, or well after the last one."""
    lines = itertools.count(1)

    def trace(frame, event, _):
        if frame.f_code.co_filename != aliases.__file__:
            return None
        if event == "line" and next(lines) == line:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    call()
    os._exit(0)


def test_on_a_server_an_interrupted_promotion_is_finished_by_the_next(registry, monkeypatch):
    """MLflow's own way, one alias at a time, as for a server; it breaks off before each of its steps."""
    monkeypatch.setattr(store, "database", lambda: None)
    monkeypatch.setattr(store, "has_champion", lambda: True)
    steps = iter(())

    def broken(method):
        def call(client, *arguments):
            if next(steps, "go on") == "break off":
                raise KeyboardInterrupt
            return method(client, *arguments)

        return call

    for name in ("set_registered_model_alias", "delete_registered_model_alias"):
        monkeypatch.setattr(type(registry), name, broken(getattr(type(registry), name)))

    def all_aliases():
        return {(name, alias, int(version)) for name in FORMS
                for alias, version in registry.get_registered_model(name).aliases.items()}  # fmt: skip

    for done in range(6):
        steps = iter(["go on"] * done + ["break off"])
        with pytest.raises(KeyboardInterrupt):
            aliases.promote()
        if aliases.versions()["champion"] == "1":
            aliases.promote()
        assert all_aliases() - {(name, "challenger", 2) for name in FORMS} == of_both(champion=2, previous=1)
        assert aliases.versions() == {"champion": "2", "previous": "1"}  # a challenger that is champion is none
        aliases.roll_back()
        aliases.move({"challenger": "2"})
    assert all_aliases() == of_both(champion=1, challenger=2)


def test_a_disk_that_takes_nothing_leaves_all_aliases_as_they_are(registry):
    before = alias_table()
    with closing(sqlite3.connect(store.database())) as connection, connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON registered_model_aliases WHEN NEW.alias = 'champion' "
            "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    with pytest.raises(Problem, match=r"cannot be used as MLflow's store: .*disk is full"), store.problems("As before"):
        aliases.promote()
    assert alias_table() == before


# What is missing


def test_without_a_champion_it_says_what_to_do(empty_store):
    for call in (aliases.promote, aliases.roll_back):
        with pytest.raises(Problem, match=r"^There is no champion\. .*python course\.py train"):
            call()


def test_outcomes_that_cannot_be_read_are_told(tmp_path, monkeypatch):
    file = tmp_path / "outcomes.sqlite3"
    monkeypatch.setenv("OUTCOME_DATABASE", str(file))
    with pytest.raises(Problem, match=r"^There are no outcomes yet in .*prometheus_05_outcome_app"):
        read_labelled()
    assert not file.exists()
    sail(file, other_ship(4, seed=1))
    with closing(sqlite3.connect(file)) as connection:
        with connection:
            connection.execute("UPDATE prediction SET survived = 5 WHERE number = 1")
        assert len(read_labelled()) == 3  # what is neither 0 nor 1 is no outcome
        with connection:
            connection.execute("UPDATE prediction SET passenger = '{\"Pclass\":' WHERE number = 2")
        with pytest.raises(Problem, match=r"^The outcomes in .* cannot be read: Expecting value: line 1"):
            read_labelled()
    file.write_text("no database" * 1000)
    with pytest.raises(Problem, match=r"^The outcomes in .* cannot be read: file is not a database\."):
        read_labelled()


def test_the_script_ends_in_one_sentence_and_a_status(retrained):
    address = f"http://127.0.0.1:{free_port()}"
    ended = subprocess.run(
        [sys.executable, "mlflow_01_retrain_model.py"], cwd=APPS, capture_output=True, text=True,
        env=os.environ | {"MLFLOW_TRACKING_URI": address, "OUTCOME_DATABASE": str(retrained.file)},
    )  # fmt: skip
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"There is no new challenger. MLflow's server at {address} does not answer (refused).")


@pytest.mark.parametrize(
    ("options", "status", "told"),
    [
        (["--promote"], 1, r"There is no champion\. Run lesson 01, or python course\.py train, which makes one\."),
        (["--rollback"], 1, r"There is no champion\. .*"),
        (["--promote", "--rollback"], 2, r"(?s)usage: python course\.py retrain .* not allowed with argument .*"),
        (["--anyway"], 2, r"(?s)usage: python course\.py retrain .*--anyway goes with --promote"),
    ],
)
def test_the_command_tells_what_is_missing_and_its_status_too(empty_store, options, status, told):
    ended = subprocess.run(
        [sys.executable, "-m", "classroom.commands.retrain", *options], capture_output=True, text=True
    )
    assert (ended.returncode, ended.stdout) == (status, "")
    assert re.fullmatch(told, ended.stderr.strip())
