"""The sources as pages: one for each script, and one for each folder of building blocks."""

import ast
import re
from pathlib import Path

from book_pages.places import LESSONS, ROOMS, ROOT, SCRIPTS, anchor, lesson_of, link, room, text_of_notebook, title_of

LANGUAGES = {
    ".py": "python",
    ".yml": "yaml",
    ".yaml": "yaml",
    ".md": "markdown",
    ".html": "html+jinja",
    ".json": "json",
}
BLOCKS = "`````"  # longer than any row of these signs in a source


def listing(file: Path) -> str:
    """The source of a file, coloured."""
    language = LANGUAGES.get(file.suffix, "text")
    return f"{BLOCKS}{language}\n{file.read_text(encoding='utf-8').rstrip()}\n{BLOCKS}"


def files_of(folder: str) -> list[Path]:
    """The files of a folder that its page shows: those that somebody has written, and that no other page shows."""
    found = sorted(path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".yml", ".yaml", ".template",
                   ".service", ".txt", ".html") or path.name in ("Containerfile", ".env.example"))  # fmt: skip
    shown = [file for file in found if file.is_file() and room(file.relative_to(ROOT).as_posix()) == folder]
    hidden = {"checks", "solutions", "compared", "__pycache__"}
    return [file for file in shown if not hidden & set(file.parts) and file.read_text(encoding="utf-8").strip()]


def imported_blocks(file: Path) -> list[str]:
    """The files of the course that a script imports, by their paths: building blocks and parts."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *[f"{node.module}.{alias.name}" for alias in node.names]]
            paths = [f"apps/{name.replace('.', '/')}.py" for name in names]
            found |= {path for path in paths if (ROOT / path).is_file()}
    return sorted(found)


def lessons_that_name(path: str) -> list[Path]:
    """The lessons that speak of a building block, or show it: `titanic/model.py`."""
    name = re.compile(rf"\b{re.escape(path.partition('/')[2].removesuffix('.py'))}(\.py|\")")
    return [lesson for lesson in LESSONS if name.search(text_of_notebook(lesson))]


def lesson_links(lessons: list[Path], page: str) -> str:
    """Links to these lessons, for a page."""
    return " · ".join(f"[{title_of(one)}]({link(one.relative_to(ROOT).as_posix(), page)})" for one in lessons)


def script_page(script: Path) -> str:
    """The page of a script: its lesson, the blocks that it imports, its source."""
    path = script.relative_to(ROOT).as_posix()
    page = f"apps/{script.stem}.md"
    lesson = lesson_of(script)
    lines = [f"({anchor(path)})=", f"# {script.stem}", ""]
    if lesson:
        lines += [f"Its lesson: {lesson_links([lesson], page)}", ""]
    if blocks := imported_blocks(script):
        links = ", ".join(f"[{block.removeprefix('apps/')}]({link(block, page)})" for block in blocks)
        lines += [f"It imports from the course: {links}", ""]
    return "\n".join([*lines, listing(script), ""])


def room_page(folder: str) -> str:
    """The page of a folder: each of its files, with the lessons that speak of it."""
    lines = [f"({anchor(folder)})=", f"# {ROOMS[folder]}: `{folder}/`", ""]
    for file in files_of(folder):
        path = file.relative_to(ROOT).as_posix()
        name = file.relative_to(ROOT / folder).as_posix().replace("_", "\\_")  # else __init__ would be bold
        lines += [f"({anchor(path)})=", f"## {name}", ""]
        if folder.startswith("apps/") and (lessons := lessons_that_name(path)):
            lines += [f"In the lessons: {lesson_links(lessons, f'{folder}.md')}", ""]
        lines += [listing(file), ""]
    return "\n".join(lines)


def source_pages() -> dict[str, str]:
    """All these pages, by their names."""
    scripts = {f"apps/{script.stem}.md": script_page(script) for script in SCRIPTS}
    return scripts | {f"{folder}.md": room_page(folder) for folder in ROOMS}
