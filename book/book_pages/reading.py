"""Where to read on: what the course leaves out (book/left_out.md), and what each lesson leads to."""

import re

from book_pages.places import LESSONS, ROOT, link, text_of_notebook, title_of

LAST = "To read on: "  # how the last line of *What you have learnt* begins


def page_of_reading() -> str:
    """The page: the text that somebody has written, and below it the links that end each lesson."""
    parts = [(ROOT / "book" / "left_out.md").read_text(encoding="utf-8").rstrip(), "## What each lesson leads to"]
    for lesson in LESSONS:
        found = [line.removeprefix(LAST) for line in text_of_notebook(lesson).splitlines() if line.startswith(LAST)]
        links = re.sub(r" · ", "\n- ", "\n".join(found))
        target = link(lesson.relative_to(ROOT).as_posix(), "left_out.md")
        parts.append(f"**[{title_of(lesson)}]({target})**\n\n- {links}")
    return "\n\n".join(parts) + "\n"
