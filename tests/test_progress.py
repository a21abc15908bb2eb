"""`course.py progress` tells a learner what is solved, and an instructor what a class has solved."""

import json
import sys

import pytest

from classroom import check
from classroom.commands import progress, refresh
from classroom.progress import solved
from titanic.problem import Problem

TOTAL = progress.total()


@pytest.fixture
def said(tmp_path, monkeypatch, capsys):
    """said("--json") is what the command prints, for a learner whose progress is in a new file."""
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "logs" / "solved.txt"))

    def call(*options):
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["course.py", *map(str, options)])
        progress.progress()
        return capsys.readouterr().out

    return call


def test_a_learner_sees_what_is_solved_and_what_is_left(said, monkeypatch):
    assert said().endswith(f"\n0 of {TOTAL} exercises are solved.\n")
    monkeypatch.setitem(globals(), "port", 8000)
    check("00.1")
    lines = said().splitlines()
    assert lines[0].split() == ["00_start_here", "1", "of", "1"]
    assert lines[5].split() == ["05_fastapi_04_single_app", "0", "of", "2", "left:", "05.1,", "05.2"]
    assert lines[-1] == f"1 of {TOTAL} exercises are solved."
    told = json.loads(said("--json"))
    assert (told["solved"], told["exercises"]) == (["00.1"], TOTAL)
    assert told["name"]

    def nobody():
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert json.loads(said("--json"))["name"] == ""


@pytest.fixture
def learners(tmp_path):
    """What three learners have sent: a folder, a file, and a file as PowerShell writes it."""
    (tmp_path / "ann" / "logs").mkdir(parents=True)
    (tmp_path / "ann" / "course.py").touch()
    (tmp_path / "ann" / "logs" / "solved.txt").write_text("05.2\n00.1\n05.2\n98.7\n")
    (tmp_path / "bea.json").write_text('{"name": "student", "solved": ["05.1"], "exercises": 3}')
    (tmp_path / "carl.json").write_text('{"name": "student", "solved": []}\r\n', encoding="utf-16")
    return [tmp_path / name for name in ("ann", "bea.json", "carl.json")]


def test_an_instructor_sees_a_class(said, learners):
    told = {one["name"]: one["solved"] for one in json.loads(said("--json", *learners))}
    assert told == {"ann": ["00.1", "05.2"], "bea": ["05.1"], "carl": []}
    lines = [line.split() for line in said(*learners).splitlines()]
    assert lines[0] == ["lesson", *progress.known(), "all"]
    assert [lines[1][0], lines[1][1], lines[1][6], lines[1][-1]] == ["ann", "1", "1", "2"]
    assert [lines[2][0], lines[2][6], lines[2][-1]] == ["bea", "1", "1"]
    assert lines[3] == ["carl", *["."] * len(progress.known()), "0"]


def test_one_that_cannot_be_read_does_not_hide_the_others(said, learners, tmp_path, capsys):
    garbled = {
        "no json.json": b'{"solved": ',
        "no list.json": b'{"solved": {"a": 1}}',
        "no names.json": b'{"solved": [5.2]}',
        "numbers.json": b'{"solved": 5}',
        "a picture.png": b"\x89PNG\r\n\x1a\n\x00\xff",
        "a letter.txt": b"Dear Ann, 05.2 was hard.",
        "odd.json": b"\xff\xfe\x00",
        "nested deeply.json": b'{"solved": ' + b"[" * 100_000,
    }
    for name, content in garbled.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "empty folder").mkdir()
    places = [tmp_path / name for name in [*garbled, "empty folder", "nobody.json"]]
    with pytest.raises(Problem) as problem:
        said(*places, *learners)
    sentences = str(problem.value).splitlines()
    assert len(sentences) == len(places)
    for sentence, name in zip(sentences, garbled, strict=False):
        assert sentence.startswith(f"{tmp_path / name} is not the progress of a learner: ask for a new one"), name
    assert sentences[-2].endswith("empty folder is no folder of the course: there is no course.py in it.")
    assert sentences[-1] == f"There is no file or folder {tmp_path / 'nobody.json'}: check the name."
    assert "bea" in capsys.readouterr().out


def test_ones_own_file_that_cannot_be_read_is_told(said, tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "solved.txt").write_bytes(b"\xff\x00")
    with pytest.raises(Problem, match=r"solved\.txt is not what a check has written: delete it\."):
        said()


def test_a_damaged_file_keeps_nobody_from_well_done(said, tmp_path, monkeypatch, capsys):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "solved.txt").write_bytes(b"05.2\n\xff\x00\n")
    monkeypatch.setitem(globals(), "port", 8000)
    check("00.1")
    assert capsys.readouterr().out.startswith("Well done!")
    assert {"00.1", "05.2"} <= solved()


def test_two_folders_of_one_name_are_two_learners(said, learners, tmp_path):
    other = tmp_path / "other" / "ann"
    other.mkdir(parents=True)
    (other / "course.py").touch()
    assert [one["name"] for one in json.loads(said("--json", learners[0], other))] == ["ann", str(other)]


def test_what_a_learner_has_written_beside_the_lessons_is_none(said, tmp_path, monkeypatch):
    (tmp_path / "Untitled.ipynb").write_text("")
    monkeypatch.setattr("classroom.servers.scripts.NOTEBOOKS", tmp_path)
    assert said() == "\n0 of 0 exercises are solved.\n"


CELL = '{"cells": [%s], "nbformat": 4}'
BROKEN = {
    "an empty file": "",
    "a merge that was cut off": '{\n<<<<<<< HEAD\n"cells": []',
    "a list": "[]",
    "no list of cells": '{"cells": 5, "nbformat": 4}',
    "no cell in it": CELL % "",
    "nested deeply": "[" * 100_000,
    "of another version": '{"cells": [{"source": "", "metadata": {}}], "nbformat": 5}',
    "of no version": '{"cells": [{"source": "", "metadata": {}}]}',
    "a cell without metadata": CELL % '{"source": ""}',
    "a cell without a source": CELL % '{"metadata": {}}',
    "a cell that is a text": CELL % '"# Titanic"',
    "tags that are a number": CELL % '{"source": [], "metadata": {"tags": 5}}',
}


@pytest.mark.parametrize("kind", [*BROKEN, "a folder", "a link to nothing"])
def test_a_broken_lesson_is_told_before_anything_is_done(said, tmp_path, monkeypatch, kind):
    file = tmp_path / "05_mine.ipynb"
    if kind == "a folder":
        file.mkdir()
    elif kind == "a link to nothing":
        file.symlink_to("nowhere")
    else:
        file.write_text(BROKEN[kind])
    monkeypatch.setattr("classroom.servers.scripts.NOTEBOOKS", tmp_path)
    monkeypatch.setattr(refresh, "train_if_needed", lambda name: pytest.fail("it trains first"))
    sentence = r"^05_mine\.ipynb is no notebook any more\. Call python course\.py reset to have it back\.$"
    with pytest.raises(Problem, match=sentence):
        said()
    with pytest.raises(Problem, match=sentence):
        refresh.main()
