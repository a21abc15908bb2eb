"""Show the source of the apps and other files as it stands there, so that text and code cannot drift apart."""

import ast
import difflib
import re
import textwrap

from classroom.servers.folders import ROOT
from classroom.servers.scripts import read
from titanic.problem import Problem


def show(script: str, *names: str) -> None:
    """Show a script of apps/, or only the functions, classes and variables with these names.

    script: such as "fastapi_01_test_app" or "titanic/model"; a name may be that of a method, such as Appender.append.
    Problem: there is no such script or name in it.
    """
    source = read(script)
    display_code("\n\n\n".join(cut(source, name, script) for name in names) if names else source, "python")


def show_changes(old: str, new: str) -> None:
    """Show what one script has that another has not: lines that go are marked -, lines that come are marked +."""
    lines = difflib.unified_diff(
        read(old).splitlines(), read(new).splitlines(), f"{old}.py", f"{new}.py", n=1, lineterm=""
    )
    display_code("\n".join(lines), "diff")


LANGUAGES = {".yaml": "yaml", ".template": "nginx", ".service": "ini", "": "dockerfile"}


def show_file(name: str, *beginnings: str) -> None:
    """Show a file of the course, such as "deploy/compose.yaml", or only its blocks that begin with these words.

    A block is a line and what is indented more. Problem: there is no such file, or no such line in it.
    """
    file = ROOT / name
    if not file.is_file():
        raise Problem(f"There is no file {name} in the course.")
    text = file.read_text(encoding="utf-8").strip()
    shown = "\n\n".join(block(text, words, name) for words in beginnings) if beginnings else text
    display_code(shown, LANGUAGES.get(file.suffix, ""))


def block(text: str, words: str, name: str) -> str:
    """The first line that begins with these words, and those below it that are indented more, or are a last brace."""
    found = re.search(rf"^( *){re.escape(words)}.*\n((?:\1 +\S.*)?\n)*(\1}})?", f"{text}\n", re.MULTILINE)
    if not found:
        raise Problem(f"No line of {name} begins with {words}")
    return textwrap.dedent(found[0]).strip()


def cut(source: str, name: str, script: str) -> str:
    """The lines that define this name, with the decorators above it. Appender.append is a method of a class."""
    inside: list[ast.stmt] = ast.parse(source).body
    for part in name.split("."):
        found = [node for node in inside if part in defined_by(node)]
        if not found:
            raise Problem(f"{script}.py defines no {name}.")
        inside = getattr(found[0], "body", [])
    node = found[0]
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
    return textwrap.dedent("\n".join(source.splitlines()[first - 1 : node.end_lineno]))


def defined_by(node: ast.stmt) -> list[str | None]:
    """The names that this statement defines."""
    targets = [node, *getattr(node, "targets", []), getattr(node, "target", None)]
    return [getattr(target, "name", getattr(target, "id", None)) for target in targets]


def display_code(code: str, language: str) -> None:
    """Show code in colours where the page can, as plain text where it cannot."""
    from IPython.display import display

    # Four backticks, because a script may hold three of them.
    display({"text/markdown": f"````{language}\n{code}\n````", "text/plain": code}, raw=True)
