"""The README as pages: the home page, and one for each section that is long or for few."""

import re

from book_pages.places import LESSONS, ROOT, SCRIPTS, SECTIONS, with_links

# The lists at the left of each page. What stands in more than one place would be found twice.
APPENDIX = sorted(path for path in (ROOT / "notebooks" / "appendix").iterdir() if path.suffix in (".md", ".ipynb"))
LOOK_UP = ["notebooks/appendix/glossary", "promql", "errors", "left_out"]


def contents(title: str, pages: list[str]) -> str:
    """One of these lists, as Sphinx reads it."""
    return "\n".join(["```{toctree}", ":hidden:", f":caption: {title}", "", *pages, "```"])


def readme_pages(rooms: list[str]) -> dict[str, str]:
    """The pages that the README becomes, by their names. rooms: the pages of sources, for the list."""
    _, *parts = re.split(r"^(?=## )", "\n" + (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    start = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## ")[0]
    pages, home = {}, [start]
    for part in parts:
        title, _, text = part.removeprefix("## ").partition("\n")
        if title in SECTIONS:
            page = f"{SECTIONS[title]}.md"
            pages[page] = with_links(f"# {title}\n{text}", "README.md", page)
        else:
            home.append(part.rstrip())
    lists = [
        contents("Lessons", [f"notebooks/{lesson.stem}" for lesson in LESSONS]),
        contents("Look it up", LOOK_UP),
        contents("Read more", [f"notebooks/appendix/{page.stem}" for page in APPENDIX if page.stem != "glossary"]),
        contents("Scripts", [f"apps/{script.stem}" for script in SCRIPTS]),
        contents("Behind the scripts", rooms),
        contents("The course", [*SECTIONS.values(), "LICENSE"]),
    ]
    pages["index.md"] = with_links("\n\n".join([*home, *lists]), "README.md", "index.md")
    return pages
