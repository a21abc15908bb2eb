"""Where on the website a file of the course stands, and the links that lead there."""

import json
import re
from functools import cache
from pathlib import Path
from posixpath import normpath, relpath

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SCRIPTS = sorted((ROOT / "apps").glob("*.py"))
# Folders whose files stand on one page, and what that page is called.
ROOMS = {
    "apps/titanic": "Building blocks",
    "apps/collector": "The collector",
    "apps/alerting": "The page of alerts",
    "apps/login": "The locked doors",
    "deploy": "On a server",
    "prometheus": "Prometheus and Alertmanager",
    "grafana_dashboard": "The dashboard",
    "notebooks/classroom": "What lessons import",
    "setting_up": "The set-up",
}
# Sections of the README that are pages of their own. All others are the home page.
SECTIONS = {
    "For instructors": "in_front_of_a_class",
    "All commands": "commands",
    "The website": "website",
    "How fast is it?": "speed",
    "Settings": "settings",
    "How to help": "help",
}
LINK = re.compile(r"(!?\[[^\]]*\])\(([^)\s]+)\)")


def anchor(path: str) -> str:
    """The name that the website gives to the source of a file of the course, such as `apps/titanic/model.py`."""
    words = re.sub(r"\W+", "-", path).strip("-").lower()
    return f"source-{words}"


def room(path: str) -> str | None:
    """The folder on whose page a file stands, or None."""
    fitting = [folder for folder in ROOMS if path == folder or path.startswith(f"{folder}/")]
    return max(fitting, key=len, default=None)


def section_anchor(title: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def place(path: str) -> str:
    """What a link to this file or folder of the course leads to: `#name` is a name, all else a page or a picture.

    ValueError: it is not on the website.
    """
    file, _, part = path.partition("#")
    if file == "README.md":
        pages = {section_anchor(title): f"{page}.md" for title, page in SECTIONS.items()}
        return pages.get(part, f"index.md#{part}" if part else "index.md")
    if file.startswith(("notebooks/", "images/")) and file.endswith((".ipynb", ".svg", ".png")):
        return path
    if file.endswith(".md") and (ROOT / file).is_file():
        return path
    if ROOT / file in SCRIPTS or room(file) or file == "LICENSE":
        return f"#{anchor(file)}"
    raise ValueError(f"{path} is not on the website")


def link(path: str, page: str) -> str:
    """The target of a link from this page of the website to a file of the course."""
    target = place(path)
    if target.startswith("#"):
        return target
    file, _, part = target.partition("#")
    return relpath(file, str(Path(page).parent).replace("\\", "/")) + (f"#{part}" if part else "")


def with_links(text: str, source: str, page: str) -> str:
    """The same Markdown, in which the links of a file of the course lead where they should on this page."""

    def one(found: re.Match[str]) -> str:
        words, target = found.groups()
        if re.match(r"[a-z]+:", target):
            return found[0]
        path = target if not target.startswith("#") else f"{Path(source).name}{target}"
        return f"{words}({link(normpath(f'{Path(source).parent.as_posix()}/{path}'), page)})"

    return LINK.sub(one, text)


@cache
def text_of_notebook(notebook: Path) -> str:
    """All that stands in the cells of a notebook, without what they have printed."""
    stored = json.loads(notebook.read_text(encoding="utf-8"))
    return "\n".join("".join(cell["source"]) for cell in stored["cells"])


def title_of(lesson: Path) -> str:
    """The title of a lesson: its first line."""
    return text_of_notebook(lesson).partition("\n")[0].removeprefix("# ")


def lesson_of(script: Path) -> Path | None:
    """The lesson of a script: the one with its name."""
    return next((lesson for lesson in LESSONS if lesson.stem[3:] == script.stem), None)
