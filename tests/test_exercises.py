"""Each exercise has a starter, a check that tells the truth, and a solution that nobody sees by accident.

nbval runs the lessons and compares what a check says of the starter with the committed output; in the same kernel,
conftest.py lets the answers in tests/exercises be tried (exercise_answers.py), right and wrong ones. Here stands that
no exercise is left out, and that a check or an answer that is not as it should be is found.
"""

import ast
import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path

import exercise_answers
import nbformat
import pytest
import requests
from conftest import import_anew
from exercise_answers import answers, try_answers
from fastapi import FastAPI
from nbformat.v4 import new_code_cell, new_notebook
from reading import Reader

from classroom import check, contents, progress, solution
from classroom.exercise import OF_BEFORE, reason, solutions, verdict
from titanic.problem import Problem

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def tagged(path, tag):
    """The code cells of a lesson that have this tag."""
    return [cell for cell in code_cells(path) if tag in cell.metadata.get("tags", [])]


def exercises_of(path):
    """The numbers of the exercises of a lesson: "05.1", "05.2"."""
    return [f"{path.stem[:2]}.{number}" for number in range(1, len(tagged(path, "exercise")) + 1)]


@each_notebook
def test_the_cells_of_an_exercise_hold_nothing_of_the_answer(path):
    exercises = exercises_of(path)
    assert [cell.source for cell in tagged(path, "check")] == [f'check("{exercise}")' for exercise in exercises]
    for exercise, cell in zip(exercises, tagged(path, "solution"), strict=True):
        comment, call = cell.source.splitlines()  # JupyterLab shows the first line of a folded cell
        assert comment.startswith(f"# Exercise {exercise[3:]}: ")
        assert call == f'solution("{exercise}")'
        assert cell.metadata["jupyter"]["source_hidden"]
        assert cell.outputs == []  # GitHub and the website would show them


@each_notebook
def test_the_check_says_of_the_starter_that_it_is_not_yet_right_and_why(path):
    for cell in tagged(path, "check"):
        assert re.fullmatch(r"Not yet, because .+\.\n", "".join(output.text for output in cell.outputs)), cell.source


@each_notebook
def test_each_exercise_has_two_other_right_answers_and_three_wrong_ones(path):
    exercises = exercises_of(path)
    kept = answers(path.stem[:2])
    assert list(solutions(path.stem[:2])) == exercises
    assert sorted({exercise for exercise, *_ in kept}) == exercises
    for exercise in exercises:
        own = [answer for answer in kept if answer[0] == exercise]
        code = [answer for _, _, _, answer in own] + [solutions(path.stem[:2])[exercise]]
        assert len(set(code)) == len(code)
        kinds = [kind for _, kind, _, _ in own]
        assert kinds.count("right") >= 2, exercise
        assert kinds.count("wrong") >= 3, exercise
        assert all(reason for _, kind, reason, _ in own if kind == "wrong"), exercise


def assigned(source):
    """The names that this code makes or changes."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]
    stored = {node.id for node in nodes if isinstance(node.ctx, ast.Store)}
    made = {node.name for node in ast.parse(source).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    return stored | made


@each_notebook
def test_the_name_of_an_answer_stands_for_nothing_else_in_its_lesson(path):
    """Else the check, run after such a cell, would look at something that is no answer."""
    names = set()
    for exercise, starter in zip(exercises_of(path), tagged(path, "exercise"), strict=True):
        judge = getattr(import_anew(f"classroom.checks.lesson_{path.stem[:2]}"), f"exercise_{exercise[3:]}")
        names |= assigned(starter.source) & set(inspect.signature(judge).parameters)
    others = [cell.source for cell in code_cells(path) if "exercise" not in cell.metadata.get("tags", [])]
    top = [re.sub(r"^[%!].*$", "", source, flags=re.MULTILINE) for source in others]
    assert {name: True for source in top for name in names & assigned(source)} == {}


def one_answer(folder, header, code):
    """A folder with one answer to exercise 00.1."""
    folder.mkdir(exist_ok=True)
    (folder / "lesson_00.py").write_text(f"# %% 00.1 {header}\n{code}\n")
    return folder


@pytest.mark.parametrize(
    ("header", "code", "said"),
    [
        (
            "right",
            "port = 8001",
            "right answer:\n\nport = 8001\n\nthe check says 'Not yet, because 8001 is the port of",
        ),
        ("wrong: another number", "port = 8000", "wrong answer:\n\nport = 8000\n\nthe check says 'Well done!'"),
        ("wrong: another number", "port = 8888", "the check says 'Not yet, because 8888 is the port of JupyterLab"),
    ],
)
def test_an_answer_that_is_judged_wrongly_is_named(tmp_path, header, code, said):
    with pytest.raises(AssertionError) as error:
        try_answers("00.1", "port = ...", {}, one_answer(tmp_path, header, code))
    assert str(error.value).startswith("exercise 00.1, ")
    assert said in str(error.value)


class RunningApp:
    url = "http://127.0.0.1:8000"

    def stop(self):
        pass


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("`lesson`", lambda names: names.update(lesson=2)),
        ("`helper`", lambda names: names.update(helper=print)),
        ("`app.url`", lambda names: setattr(names["app"], "url", "http://127.0.0.1:8000/nowhere")),
        ("the setting A_SETTING", lambda names: names["environ"].update(A_SETTING="changed")),
    ],
)
def test_a_check_that_leaves_the_lesson_changed_is_found(tmp_path, monkeypatch, what, change):
    monkeypatch.setenv("A_SETTING", "as it was")
    monkeypatch.setattr(exercise_answers, "verdict", lambda exercise, names: change(names) or verdict(exercise, names))
    names = {"lesson": 1, "app": RunningApp(), "environ": exercise_answers.os.environ}
    with pytest.raises(AssertionError, match=f"^the check of exercise 00.1 changes {what}"):
        try_answers("00.1", "port = ...", names, one_answer(tmp_path, "right", "port = 8000"))


def test_an_answer_leaves_nothing_to_the_next_one(tmp_path):
    folder = one_answer(tmp_path, "right", "port, lesson = 8000, 2")
    names = {"lesson": 1}
    with (folder / "lesson_00.py").open("a") as file:
        file.write("# %% 00.1 wrong: `port` still holds the three dots\nassert lesson == 1\n")
    try_answers("00.1", "port = ...", names, folder)
    assert names == {"lesson": 1}


def test_answers_are_tried_while_the_lesson_runs(tmp_path):
    for file in (ROOT / "conftest.py", ROOT / "tests" / "helpers" / "exercise_answers.py"):
        (tmp_path / file.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, tmp_path / file.relative_to(ROOT))
    one_answer(tmp_path / "tests" / "exercises", "right", "port = 8001")
    cells = [cell for cell in code_cells(NOTEBOOKS[0]) if {"check", "solution"} & set(cell.metadata.get("tags", []))]
    first = new_code_cell("from classroom import check, solution\nport = ...", metadata={"tags": ["exercise"]})
    nbformat.write(new_notebook(cells=[first, *cells]), tmp_path / "lesson.ipynb")
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", tmp_path / "lesson.ipynb"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert "1 failed, 3 passed in" in run.stdout, run.stdout + run.stderr
    assert "Cell 1, answers to exercise 00.1" in run.stdout


def said_of(code, monkeypatch, judge, exercise="00.1", **names):
    """What the check says of this code, where this function is the check of the exercise."""
    monkeypatch.setattr("classroom.checks.lesson_00.exercise_1", judge)
    exec(exercise_answers.compiled(code, "<learner>"), names)
    return verdict(exercise, names)


def test_a_check_says_why_not_yet(monkeypatch):
    def judge(answer):
        raise AssertionError("one and one are two.") if answer == 3 else KeyError("Age")

    assert said_of("answer = 3", monkeypatch, judge) == "Not yet, because one and one are two."
    assert said_of("answer = 4", monkeypatch, judge) == "Not yet, because the check met KeyError: 'Age'."
    assert said_of("answer = ...", monkeypatch, judge) == "Not yet, because `answer` still holds the three dots."
    no_answer = "Not yet, because there is no `answer` yet: run the cell above that makes it, then this one again."
    assert said_of("anwser = 2", monkeypatch, judge) == no_answer


@pytest.mark.parametrize(
    ("line", "error"),
    [("return seven", "NameError: name 'seven' is not defined"), ("assert 1 > 2, 'no'", "AssertionError: no")],
)
def test_an_error_in_the_answer_is_shown_with_its_line(monkeypatch, line, error):
    said = said_of(f"def answer():\n    # a comment\n    {line}", monkeypatch, lambda answer: answer())
    assert said == f"Not yet, because your code ends with {error}. It is line 3 of its cell: `{line}`."


def test_a_function_that_is_none_any_more_is_told(monkeypatch):
    said = said_of("answer = 3.5", monkeypatch, lambda answer: answer(1))
    assert said.startswith("Not yet, because the name of your function now stands for something of the type float: run")
    own = said_of("def answer():\n    return number()\n\nnumber = 3.5", monkeypatch, lambda answer: answer())
    assert "your code ends with TypeError: 'float' object is not callable. It is line 2" in own


def test_an_error_in_what_the_answer_calls_is_shown_with_the_line_of_the_answer(monkeypatch):
    names = {}
    exec(exercise_answers.compiled("def of_the_lesson(table):\n    return table['Age']", "<lesson>"), names)
    answer = "def helper():\n    return of_the_lesson({})\n\ndef answer():\n    return helper()"
    exec(exercise_answers.compiled(answer, "<answer>"), names)
    monkeypatch.setattr("classroom.checks.lesson_00.exercise_1", lambda answer: answer())
    assert verdict("00.1", names).endswith("KeyError: 'Age'. It is line 2 of its cell: `return of_the_lesson({})`.")


@pytest.mark.parametrize(("exercise", "names"), [("02.1", {}), ("12.1", {"address": "/simulate_predictions?seed=5"})])
def test_an_app_of_ones_own_in_place_of_the_running_one_is_told(exercise, names):
    """Whoever writes app = FastAPI(), as in each lesson's script, has lost the one that runs."""
    assert verdict(exercise, {"app": FastAPI(), **names}) == (
        "Not yet, because `app` is no longer the running app, but of the type FastAPI. "
        "Run the cell `app = start_app(...)` above again, then this one."
    )


TRAVELLERS = import_anew("classroom.checks.lesson_07").TRAVELLERS


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize(
    ("exercise", "names"),
    [
        ("02.1", {}),
        ("05.1", {"me": {**TRAVELLERS[0]}, "my_answer": {}}),
        ("05.2", {"ask": lambda passenger: "no answer (404)"}),
        ("06.2", {"wrong": {}}),
        ("07.1", {"travellers": TRAVELLERS, "batch_answer": {}}),
        ("12.1", {"address": "/simulate_predictions?num_executions=30&seed=5"}),
    ],
)
def test_another_app_on_the_port_is_told(monkeypatch, exercise, names, status):
    """Its answers were taken for those of the lesson's app: {"detail": "Not Found"} was a guest book of one name."""

    def answer(self, request, **more):
        found = requests.Response()
        found.status_code, found._content, found.url = status, b'{"detail": "Not Found"}', request.url
        return found

    monkeypatch.setattr("requests.adapters.HTTPAdapter.send", answer)
    assert verdict(exercise, {"app": RunningApp(), **names}) == (
        "Not yet, because at http://127.0.0.1:8000 another app answers. "
        "Run the cell `app = start_app(...)` above again, then this one."
    )


@each_notebook
def test_a_lesson_asks_the_app_where_its_log_is(path):
    """On another port than the usual one, it has another name."""
    assert not [cell.source for cell in code_cells(path) if re.search(r"_app(_\d+)?\.log[\"']", cell.source)]


def test_what_cannot_be_checked_is_neither_well_done_nor_wrong(monkeypatch):
    def judge(answer):
        raise Problem("There is no Prometheus on this machine yet: fetch it.")

    said = said_of("answer = 3", monkeypatch, judge)
    assert said == "This cannot be checked now. There is no Prometheus on this machine yet: fetch it."


def test_without_a_prometheus_a_query_is_not_well_done(monkeypatch):
    monkeypatch.setattr("classroom.servers.prometheus_server.find", lambda: None)
    for exercise, answer in (
        ("08.1", {"query": "up"}),
        ("09.1", {"query": "up"}),
        ("13.2", {"my_query": "$__rate_interval"}),
    ):
        said = verdict(exercise, answer)
        assert said.startswith("This cannot be checked now. There is no Prometheus on this machine")


def test_check_finds_the_answer_by_its_name_and_solution_runs_nothing(monkeypatch, capsys):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    monkeypatch.setitem(globals(), "port", 8000)
    check("00.1")
    monkeypatch.setitem(globals(), "port", ...)
    solution("00.1")
    check("00.1")
    said = ["Well done!", "Not yet, because `port` still holds the three dots."]
    assert capsys.readouterr().out.splitlines() == said
    assert re.fullmatch(r"(?s)<details><summary>.+</summary>.+port = 8000.+</details>", shown[0]["text/markdown"])


def test_what_is_solved_is_remembered_and_shown_in_the_contents(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "new" / "solved.txt"))
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data["text/markdown"]))
    contents()
    for _ in range(2):
        monkeypatch.setitem(globals(), "port", 8001)
        check("00.1")
        monkeypatch.setitem(globals(), "port", 8000)
        check("00.1")
    contents()
    assert capsys.readouterr().out.count("Well done!") == 2
    assert progress.solved_file().read_text() == "00.1\n"
    assert "| [00 · Start here](00_start_here.ipynb) | 15 | 0 of 1 |" in shown[0]
    assert "| [00 · Start here](00_start_here.ipynb) | 15 | all |" in shown[1]
    lines = [line for line in shown[1].splitlines() if line.startswith("| [")]
    assert [re.search(r"\((.+?)\)", line)[1] for line in lines] == [path.name for path in NOTEBOOKS]
    monkeypatch.setenv("COURSE_PROGRESS", str(ROOT / "README.md" / "solved.txt"))  # where nothing can be written
    check("00.1")
    assert progress.solved() == set()


def test_a_check_after_a_cell_that_failed_says_of_what_it_is(monkeypatch):
    """The name still holds what was there before that cell."""
    reader = Reader(NOTEBOOKS[6])
    ask = 'check("06.1")'

    def said(*cells):
        return [reader.run(cell)[-1:] for cell in cells][-1][0].text

    with reader.new_kernel():
        reader.run("from pydantic import BaseModel\nfrom classroom import check")
        ticket = "class DeckTicket(BaseModel):\n    number: int\n    deck: str"
        assert said(ticket, ask).startswith("Not yet, because the number 0 passes")
        for failing in (ticket + " = of_a_letter", ticket + " = ("):  # the second one is no Python
            assert said(failing, ask) == f"{OF_BEFORE} {said(ask)}"
        assert said("1 / 0", ticket, ask).startswith("Not yet, because the number 0 passes")


def test_the_code_that_failed_is_told_for_what_it_was_asked():
    names = {}
    exec("def ask(passenger):\n    return passenger['Sex']", names)
    with pytest.raises(KeyError) as caught:
        names["ask"]({"Age": 3})
    assert reason(caught.value, names).endswith(", for ask({'Age': 3})")
    with pytest.raises(KeyError) as caught:
        names["ask"]({"Age": 3, "Name": "x" * 80})
    assert reason(caught.value, names).endswith(": ``")  # too long to be read
