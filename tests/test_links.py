"""Every link inside the course leads somewhere; every picture is used, and described for those who cannot see it."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
APPENDIX = sorted((ROOT / "notebooks" / "appendix").iterdir())
PAGES = [ROOT / "README.md", ROOT / "INSTRUCTORS.md", *LESSONS, *[page for page in APPENDIX if page.is_file()]]
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def links(page):
    """The links of a page: whether it is a picture, its text, its target."""
    if page.suffix == ".md":
        text = page.read_text(encoding="utf-8")
    else:
        text = "\n".join(
            cell.source for cell in nbformat.read(page, as_version=4).cells if cell.cell_type == "markdown"
        )
    return LINK.findall(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_link_leads_to_a_file(page):
    local = [target.split("#")[0] for _, _, target in links(page) if not target.startswith(("https://", "http://"))]
    assert [target for target in local if target and not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_picture_is_described(page):
    assert [target for picture, text, target in links(page) if picture and len(text) < 20] == []


def test_each_picture_is_used():
    used = {Path(target).name for page in PAGES for picture, _, target in links(page) if picture}
    made = {path.name for path in (ROOT / "images").iterdir() if path.suffix in (".png", ".svg")}
    assert made == used


# Whose documentation the lessons lead to. The pages themselves cannot be asked for here: there may be no internet.
DOCUMENTATION = re.compile(
    r"https://(fastapi\.tiangolo\.com|pydantic\.dev/docs|mlflow\.org/docs|prometheus\.io/docs|prometheus\.github\.io|uvicorn\.dev|"
    r"starlette\.dev|docs\.demml\.io/scouter|grafana\.com/docs|docs\.python\.org/3|kubernetes\.io/docs|developer\.mozilla\.org|"
    r"[a-z]+\.readthedocs\.io|sre\.google|jsonlines\.org|pandas\.pydata\.org/docs|man7\.org|redis\.io/docs|"
    r"www\.rabbitmq\.com/docs|kafka\.apache\.org|docs\.bentoml\.com|docs\.ray\.io|"
    r"scikit-learn\.org/stable|docs\.scipy\.org/doc/scipy|onnx\.ai|onnxruntime\.ai/docs)/"
)  # fmt: skip


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_each_lesson_leads_to_the_documentation_of_what_it_used(page):
    (learnt,) = [
        cell.source
        for cell in nbformat.read(page, as_version=4).cells
        if cell.cell_type == "markdown" and cell.source.startswith("## What you have learnt")
    ]
    last = learnt.rpartition("\n\n")[2]
    assert last.startswith("To read on: ")
    targets = [target for _, _, target in LINK.findall(last)]
    assert 2 <= len(targets) <= 4
    assert len(set(targets)) == len(targets)
    assert [target for target in targets if not DOCUMENTATION.match(target)] == []
    assert targets[0].count("/") > 3 or targets[0] == "https://jsonlines.org/", "a page, not the front door"


def test_the_readme_lists_every_lesson_with_its_minutes():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in LESSONS:
        first = nbformat.read(page, as_version=4).cells[0].source
        minutes = re.search(r"\*\*(\d+) minutes\*\*", first)[1]
        assert re.search(rf"\(notebooks/{page.name}\).*\| {minutes} \|", readme), page.name


def test_the_readme_says_how_long_the_course_is():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    count, hours = re.search(r"all (\d+) lessons take about (\d+) hours", readme).groups()
    minutes = [int(number) for number in re.findall(r"^\| \[\d\d .* \| (\d+) \|$", readme, re.MULTILINE)]
    assert int(count) == len(minutes) == len(LESSONS)
    assert abs(sum(minutes) / 60 - int(hours)) <= 1, sum(minutes) / 60


def test_each_command_of_the_readme_stands_alone_in_its_block():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"(?<=\n\n)(?: {4,}\S.*\n)(?:\n? {4,}\S.*\n)*", readme)
    assert len(blocks) > 15
    assert [block for block in blocks if len(block.split("\n")) > 2] == []


GLOSSARY = ROOT / "notebooks" / "appendix" / "glossary.md"


def test_each_word_of_the_glossary_is_used_by_the_lesson_that_it_names():
    rows = re.findall(
        r"^\| \*\*(.+?)\*\* \| (.+) \| \[.+\]\(\.\./(\S+)\) \|$", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE
    )
    words = [word.lower() for word, *_ in rows]
    assert len(words) > 50
    assert words == sorted(set(words))
    for word, meaning, lesson in rows:
        cells = nbformat.read(GLOSSARY.parent.parent / lesson, as_version=4).cells
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        assert re.search(rf"\b{re.escape(word)}", text, re.IGNORECASE), f"{lesson} does not use the word {word}"
        sentences = re.split(r"(?<=[.!?]) ", meaning)
        assert len(sentences) <= 2, word
        assert max(len(sentence.split()) for sentence in sentences) <= 25, word


def test_the_glossary_is_found_from_the_readme_and_from_lesson_00():
    for page in (PAGES[0], LESSONS[0]):
        assert GLOSSARY in [(page.parent / target).resolve() for _, _, target in links(page)], page.name
