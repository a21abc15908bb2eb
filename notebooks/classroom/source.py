"""Show the source of the apps as it stands in the file, so that text and code cannot drift apart."""

import ast
import difflib

from classroom.servers.scripts import read
from titanic.problem import Problem


def show(script: str, *names: str) -> None:
    """Show a script of apps/, or only the functions, classes and variables with these names.

    script: such as "fastapi_01_test_app" or "titanic/model". Problem: there is no such script or name in it.
    """
    source = read(script)
    display_code("\n\n\n".join(cut(source, name, script) for name in names) if names else source, "python")


def show_changes(old: str, new: str) -> None:
    """Show what one script has that another has not: lines that go are marked -, lines that come are marked +."""
    lines = difflib.unified_diff(
        read(old).splitlines(), read(new).splitlines(), f"{old}.py", f"{new}.py", n=1, lineterm=""
    )
    display_code("\n".join(lines), "diff")


def cut(source: str, name: str, script: str) -> str:
    """The lines that define this name, with the decorators above it."""
    for node in ast.parse(source).body:
        names = [getattr(node, "name", None), *(getattr(target, "id", None) for target in getattr(node, "targets", []))]
        names.append(getattr(getattr(node, "target", None), "id", None))
        if name in names:
            first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
            return "\n".join(source.splitlines()[first - 1 : node.end_lineno])
    raise Problem(f"{script}.py defines no {name}.")


def display_code(code: str, language: str) -> None:
    """Show code in colours where the page can, as plain text where it cannot."""
    from IPython.display import display

    # Four backticks, because a script may hold three of them.
    display({"text/markdown": f"````{language}\n{code}\n````", "text/plain": code}, raw=True)
