"""Every link inside the course leads somewhere; every picture is used, and described for those who cannot see it."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "notebooks").glob("*.ipynb"))]
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


def test_the_readme_lists_every_lesson_with_its_minutes():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in PAGES[1:]:
        first = nbformat.read(page, as_version=4).cells[0].source
        minutes = re.search(r"\*\*(\d+) minutes\*\*", first)[1]
        assert re.search(rf"\(notebooks/{page.name}\).*\| {minutes} \|", readme), page.name
