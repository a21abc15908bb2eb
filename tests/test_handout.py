"""`course.py handout` writes a copy of the course that works and holds no answer."""

import os
import re

import pytest
from copies import ROOT, command_in_copy, copy_course, in_copy
from setting_up import original

from classroom.commands import handout, pack
from classroom.commands._delivered import Delivered, delivered
from classroom.exercise import solutions
from titanic.problem import Problem


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A downloaded course whose instructor has tried an exercise, and what was delivered."""
    folder = copy_course(tmp_path_factory.mktemp("course") / "unsinkable")
    copy = folder / ".tools" / "original.zip"
    original.keep(folder, copy)
    lesson = folder / "notebooks" / "05_fastapi_04_single_app.ipynb"
    lesson.write_text(lesson.read_text(encoding="utf-8").replace("...", "my answer"), encoding="utf-8")
    return delivered(folder, copy)


@pytest.fixture(scope="module")
def copy(course):
    """The handout of this course."""
    folder = course.root.parent / "for the class"
    handout.hand_out(course, folder)
    return folder


def test_it_holds_no_answer_and_all_else(copy):
    given, whole = original.files(copy), original.files(ROOT)
    left_out = {name for name in whole if name not in given}
    assert {name.split("/")[0] for name in left_out} == {"notebooks", "tests", "conftest.py", ".ci", ".github"}
    assert {name for name in left_out if name.startswith("notebooks/")} == {
        name for name in whole if name.startswith("notebooks/classroom/solutions/")
    }
    answers = [code for lesson in range(27) if (ROOT / f"notebooks/classroom/solutions/lesson_{lesson:02}.md").exists()
               for code in solutions(f"{lesson:02}").values()]  # fmt: skip
    long_ones = [code for code in answers if len(code) > 60]
    assert len(long_ones) > 30
    text = "\n".join(
        (copy / name).read_text(encoding="utf-8") for name in given if name.endswith((".py", ".ipynb", ".md"))
    )
    assert [code for code in long_ones if code in text.replace('\\n",\n    "', "\n").replace('\\"', '"')] == []
    assert "my answer" not in text


def test_a_check_accepts_a_right_answer_there_and_refuses_a_wrong_one(copy):
    code = "from classroom import check, solution\nfor port in (..., 9090, 8000): check('00.1')\nsolution('00.1')"
    result = in_copy(copy / "notebooks", "-c", code, env={"PYTHONPATH": f"{copy}/apps:{copy}/notebooks"})
    said = result.stdout.splitlines()
    assert [line.split(",")[0] for line in said[:2]] == ["Not yet", "Not yet"], result.stderr
    assert said[2:] == ["Well done!", "This copy of the course has no solutions. Your instructor has them."]
    assert command_in_copy(copy, "progress").stdout.splitlines()[0].split()[1:] == ["1", "of", "1"]


def test_its_commands_work_and_those_that_need_more_say_so(copy):
    for command, why in [("test", r"it has no tests\. "), ("book", "make the website from the one ")]:
        result = command_in_copy(copy, command)
        assert result.returncode == 1
        assert re.fullmatch(rf"This copy of the course is for learners: {why}.+\n", result.stderr)
    assert command_in_copy(copy, "app").stdout.count(" lesson ") == len(list((ROOT / "apps").glob("*_app.py")))
    assert (copy / "INSTRUCTORS.md").read_text(encoding="utf-8").count("\n") == 3


def test_solutions_can_be_given_later(copy):
    code = "from classroom.exercise import solutions; print(solutions('00')['00.1'])"
    folder = copy / "notebooks" / "classroom" / "solutions"
    folder.mkdir()
    (folder / "lesson_00.md").write_bytes((ROOT / "notebooks/classroom/solutions/lesson_00.md").read_bytes())
    try:
        assert in_copy(copy, "-c", code).stdout.strip() == solutions("00")["00.1"]
    finally:
        (folder / "lesson_00.md").unlink()
        folder.rmdir()


def test_it_says_what_it_has_not_taken_over(course, capsys, tmp_path):
    handout.hand_out(course, tmp_path / "new")
    assert "not your changes in: notebooks/05_fastapi_04_single_app.ipynb." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("place", "said"), [("new/inside", "is inside of the course"), ("full", "is there already: choose a new folder")]
)
def test_a_folder_that_cannot_be_is_refused(tmp_path, monkeypatch, place, said):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    course = Delivered({"a": b"1"}, "nowhere", tmp_path / "new")
    with pytest.raises(Problem, match=said):
        handout.hand_out(course, tmp_path / place)


def test_the_folder_that_one_is_in_is_not_replaced(tmp_path, monkeypatch):
    """It is empty, so nothing would be lost; but the terminal would be in a folder that is gone."""
    course = Delivered({"a": b"1"}, "nowhere", tmp_path / "course")
    (tmp_path / "mine").mkdir()
    monkeypatch.setenv("COURSE_CALLED_FROM", str(tmp_path / "mine"))
    for same in ("mine", "mine/../mine"):
        with pytest.raises(Problem, match=r"^You are in .*: choose a new folder in it, such as .*handout\.$"):
            handout.hand_out(course, tmp_path / same)
    handout.hand_out(course, tmp_path / "mine" / "handout")


@pytest.mark.parametrize("place", ["file/x", "a" * 300, "loop/x"])
def test_where_nothing_can_be_written_it_says_to_choose_another_folder(tmp_path, place):
    (tmp_path / "file").touch()
    if place == "loop/x" and os.name != "nt":
        (tmp_path / "loop").symlink_to("loop")
    for write in (handout.hand_out, pack.pack):
        more = () if write is handout.hand_out else ([], [])
        with pytest.raises(Problem, match=r" cannot be written \(.+\): choose another folder\.$"):
            write(Delivered({"a": b"1"}, "nowhere", tmp_path / "course"), tmp_path / place, *more)


def test_one_that_was_cut_off_leaves_nothing(tmp_path, monkeypatch):
    course = Delivered({"a": b"1"}, "nowhere", tmp_path / "course")

    def full_disk(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Delivered, "write", full_disk)
    with pytest.raises(OSError, match="No space"):
        handout.hand_out(course, tmp_path / "new" / "handout")
    assert list((tmp_path / "new").iterdir()) == []
