"""The index of errors: each sentence that an app, a lesson or a command can end with, read from the sources.

Python's own parser finds them: what is handed to Problem, HTTPException or sys.exit, and, in the files that only put
failures into words, each text that is a sentence. What a sentence itself does not say stands in book/what_to_do.yml.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from book_pages.places import ROOT, SCRIPTS, lesson_of, link, place, title_of

WHAT_TO_DO = ROOT / "book" / "what_to_do.yml"
ENDS = {"Problem": 0, "HTTPException": 1, "exit": 0, "NoBroker": 0}  # which argument is the sentence
GROUPS = {
    "Apps, and what trains their model": ["apps"],
    "Lessons": ["notebooks/classroom/*.py", "notebooks/classroom/checks"],
    "Commands, and the servers that they start": ["notebooks/classroom/commands", "notebooks/classroom/servers",
                                                   "grafana_dashboard"],
    "The set-up": ["setting_up", "course.py"],
}  # fmt: skip
# Files whose texts are all sentences for somebody whose request, cell or set-up has failed.
IN_WORDS = [
    "apps/titanic/store_errors.py",
    "notebooks/classroom/advice.py",
    "notebooks/classroom/exercise.py",
    "notebooks/classroom/servers/disk.py",
    "notebooks/classroom/servers/program.py",
    "setting_up/causes.py",
]
PLACEHOLDER = "*…*"
START = """# Index of errors

Each sentence that an app, a lesson or a command of this course can end with. Most say themselves what to do.
*…* stands for what differs: a name, a port, a file. To find yours, search this page for some of its words.
"""


class Sentence(NamedTuple):
    """A sentence, where it is said, and what the function that says it does."""

    text: str  # Markdown
    file: str
    about: str


def in_words(expression: ast.expr | None, file: Path) -> str:
    """What an expression of Python says, with a placeholder for each part that is known only when it runs."""
    match expression:
        case ast.Constant(value=str(text)):
            return escaped(text)
        case ast.JoinedStr(values=values):
            return "".join(in_words(value, file) for value in values)
        case ast.Name(id=name):
            return known(name, file)
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            return known(name, file, module)
        case ast.Call(func=ast.Attribute(value=inner, attr="format")):
            return in_words(inner, file)
        case ast.FormattedValue(value=inner):
            constant = in_words(inner, file) if isinstance(inner, ast.Name | ast.Attribute) else ""
            return constant or PLACEHOLDER
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return in_words(left, file) + in_words(right, file)
    return PLACEHOLDER


def escaped(text: str) -> str:
    """A text in which no sign means anything to Markdown; what is filled in later is a placeholder."""
    signs = re.sub(r"([*_<>\[\]`$|~])", r"\\\1", " ".join(text.split()))
    ends = [" " * text.startswith((" ", "\n")), " " * text.endswith((" ", "\n"))]
    return ends[0] + re.sub(r"\{\w*\}", PLACEHOLDER, signs) + ends[1] if signs else text


@cache
def tree(file: Path) -> ast.Module:
    """A source, parsed."""
    return ast.parse(file.read_text(encoding="utf-8"))


def known(name: str, file: Path, module: str = "") -> str:
    """What a constant says: one of this file, or of the module that it names or imports it from."""
    files = [file, *sorted(ROOT.glob(f"apps/**/{module}.py")), *sorted(ROOT.glob(f"notebooks/**/{module}.py"))]
    if not module:
        for node in tree(file).body:
            if isinstance(node, ast.ImportFrom) and node.module and name in [alias.name for alias in node.names]:
                path = node.module.replace(".", "/")
                files += [ROOT / top / f"{path}.py" for top in ("apps", "notebooks")]
    for one in filter(Path.is_file, files):
        for node in tree(one).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name and name.isupper():
                return in_words(node.value, one)
    return PLACEHOLDER


def sentences_of(file: Path) -> Iterator[Sentence]:
    """The sentences that a source can end with."""
    path = file.relative_to(ROOT).as_posix()
    for node in ast.walk(tree(file)):
        body = node.body if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) else []
        about = (ast.get_docstring(node) or "").partition("\n")[0] if body else ""  # type: ignore[arg-type]
        for inner in (inner for statement in body for inner in own_nodes(statement)):
            text = in_words(said_by(inner, path in IN_WORDS), file)
            if is_sentence(text) and (path not in IN_WORDS or re.match(r"\W*[A-Z*]", text)):
                yield Sentence(text, path, about)


def own_nodes(statement: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a statement but those of functions in it, docstrings, and the parts of a text."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return
    yield statement
    if not isinstance(statement, ast.JoinedStr):
        for child in ast.iter_child_nodes(statement):
            yield from own_nodes(child)


def said_by(node: ast.AST, in_words_only: bool) -> ast.expr | None:
    """The sentence in a part of a source: of a call that ends something, of the answer of an app, or itself."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        named = [keyword.value for keyword in node.keywords if keyword.arg == "detail"]
        return next(iter([*named, *node.args[ENDS[name] :]]), None) if name in ENDS else None
    if isinstance(node, ast.Dict) and getattr(node.keys[0] if node.keys else None, "value", "") == "detail":
        return node.values[0]
    return node if in_words_only and isinstance(node, ast.Constant | ast.JoinedStr) else None


def is_sentence(text: str) -> bool:
    """Whether this says something in words, and does not only hand on what another sentence says."""
    words = re.findall(r"[A-Za-z]+", text.replace(PLACEHOLDER, ""))
    pattern = ".\\*" in text or "\\|" in text  # by which a failure is known; nobody is told that
    return len(words) >= 4 and not pattern


def sources(patterns: list[str]) -> list[Path]:
    """The sources of a group."""
    found = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    files = [file for path in found for file in ([path] if path.is_file() else sorted(path.rglob("*.py")))]
    return [file for file in files if file.suffix == ".py" and "compared" not in file.parts]


def all_sentences() -> dict[str, list[Sentence]]:
    """Every sentence once, in its group, in the order of the alphabet."""
    seen: set[str] = set()
    groups = {}
    for group, patterns in GROUPS.items():
        new = {one.text: one for file in sources(patterns) for one in sentences_of(file) if one.text not in seen}
        seen |= new.keys()
        groups[group] = sorted(new.values(), key=lambda one: re.sub(r"[\W…]", "", plain(one.text)).lower())
    return groups


def what_to_do() -> dict[str, str]:
    """What to do, by the beginning of a sentence that does not say it itself."""
    return dict(yaml.safe_load(WHAT_TO_DO.read_text(encoding="utf-8")))


def page_of_errors() -> str:
    """The page of all these sentences."""
    advice = what_to_do()
    parts = [START]
    for group, sentences in all_sentences().items():
        parts.append(f"## {group}")
        for one in sentences:
            told = [f": {advice[start]}\n" for start in advice if plain(one.text).startswith(start)]
            done = f". What is done there: *{one.about}*" if one.about else ""
            parts.append("\n".join([one.text, *told, f": Where: {where(ROOT / one.file)}{done}"]))
    return "\n\n".join(parts) + "\n"


def where(file: Path) -> str:
    """The source of a sentence, with a link to its page, and the lesson of a script."""
    path = file.relative_to(ROOT).as_posix()
    if file.parent == ROOT or file.parent.name == "checks":  # these have no page
        return f"`{path}`"
    source = f"[{path}]({place(path)})"
    lesson = lesson_of(file) if file in SCRIPTS else None
    if lesson is None:
        return source
    return f"{source} · [{title_of(lesson)}]({link(lesson.relative_to(ROOT).as_posix(), 'errors.md')})"


def plain(text: str) -> str:
    """A sentence as one reads it."""
    return re.sub(r"\\(.)", r"\1", text.replace(PLACEHOLDER, "…"))
