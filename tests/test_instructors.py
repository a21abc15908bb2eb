"""INSTRUCTORS.md knows each lesson, with its true minutes, and its plans add up."""

import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "INSTRUCTORS.md").read_text(encoding="utf-8")
PARTS = ["Idea", "Show live", "What people get wrong", "Ask", "May be skipped", "Needed by"]
NOTES = dict(re.findall(r"^### (\d\d · .+ · \d+ minutes)\n\n((?:- .+\n)+)", PAGE, re.MULTILINE))
PLANS = dict(re.findall(r"^## (Half a day|A day|Two days).*?\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL))
WEEKS = re.findall(r"^\| \d+ \| (.+?) \| (\d+) \| ?(.*?) ?\|$", PAGE, re.MULTILINE)


def heading(notebook):
    """As the page names a lesson: "05 · Predict one passenger · 40 minutes"."""
    first = nbformat.read(notebook, as_version=4).cells[0].source
    minutes = re.search(r"\*\*(\d+) minutes\*\*", first)[1]
    return f"{first.splitlines()[0].removeprefix('# ')} · {minutes} minutes"


LESSONS = [heading(notebook) for notebook in sorted((ROOT / "notebooks").glob("*.ipynb"))]
MINUTES = {lesson[:2]: int(lesson.split()[-2]) for lesson in LESSONS}


def test_each_lesson_has_a_note_under_its_title_with_its_minutes_and_in_order():
    assert list(NOTES) == LESSONS
    assert len(NOTES) == PAGE.count("\n### ")


@pytest.mark.parametrize("lesson", NOTES)
def test_a_note_has_all_its_parts_and_its_question_an_answer(lesson):
    lines = NOTES[lesson].splitlines()
    assert [re.match(r"- \*\*(.+?):\*\* \S", line)[1] for line in lines] == PARTS
    question, answer = lines[3].split(" *Answer:* ")
    assert question.endswith("?")
    assert len(answer) > 10
    needed = lines[-1].removeprefix("- **Needed by:** ")
    assert needed == "none" or all(number in MINUTES and number > lesson[:2] for number in needed.split(", "))


def test_a_lesson_that_wants_another_than_the_one_before_it_stands_in_that_ones_note():
    wanted = {}
    for file in sorted((ROOT / "notebooks").glob("*.ipynb")):
        first = nbformat.read(file, as_version=4).cells[0].source
        for other in re.findall(r"\]\((\d\d)_", first.partition("Before this")[2]):
            if int(other) < int(file.name[:2]) - 1:
                wanted.setdefault(other, set()).add(file.name[:2])
    assert wanted
    for other, lessons in wanted.items():
        (note,) = (text for lesson, text in NOTES.items() if lesson.startswith(other))
        assert lessons <= set(re.findall(r"\d\d", note.rpartition("**Needed by:**")[2])), other


@pytest.mark.parametrize("plan", PLANS)
def test_the_minutes_of_a_plan_are_those_of_its_lessons_and_add_up(plan):
    tables = re.findall(r"(?:^\|.*\|\n)+", PLANS[plan], re.MULTILINE)
    assert tables
    for table in tables:
        rows = re.findall(r"^\| (.+?) \| (\d+) \|$", table, re.MULTILINE)
        total = int(re.search(r"^\| \*\*together\*\* \| \*\*(\d+)\*\* \|$", table, re.MULTILINE)[1])
        assert sum(int(minutes) for _, minutes in rows) == total
        assert total <= (240 if plan == "Half a day" else 480)
        lessons = [(what.removeprefix("lesson "), int(minutes)) for what, minutes in rows if what.startswith("lesson ")]
        assert all(MINUTES[number] == minutes for number, minutes in lessons)
        assert all(one < other for (one, _), (other, _) in pairwise(lessons))


def test_no_plan_is_missing():
    assert list(PLANS) == ["Half a day", "A day", "Two days"]
    assert len(WEEKS) == 14


def test_a_term_has_each_lesson_once_and_each_week_its_minutes():
    order = []
    for room, minutes, home in WEEKS:
        numbers = re.findall(r"\d\d", room)
        shown = 10 * room.startswith("demo")  # as in the other plans
        assert sum(MINUTES[number] for number in numbers) + shown == int(minutes) <= 90
        order += [*numbers, *re.findall(r"\d\d", home)]
    assert order == sorted(MINUTES)


def test_the_readme_leads_to_the_page():
    assert "](INSTRUCTORS.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
