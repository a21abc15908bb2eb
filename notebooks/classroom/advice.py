"""In one sentence, which cell to run, when a cell fails because another was not run or what it started has ended.

An extension of IPython: each kernel of the course's environment loads it, see ipython_config.json and pyproject.toml.
"""

import ast
import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from classroom import slips

OF_SCOUTER = "error sending request for url ("  # how Scouter's client says that nothing answers
NO_CELLS: list[str] = []  # where nobody says which notebook it is, or its file cannot be read


def load_ipython_extension(shell: Any) -> None:
    """Let this kernel explain such failures. All others are shown as always."""
    shell.set_custom_exc((Exception,), explain)
    # Scouter's client reads this when it is imported. Without it, the client writes into the lesson when a queue stops.
    os.environ.setdefault("LOG_LEVEL", "ERROR")


def explain(
    shell: Any, kind: type[Exception], error: Exception, trace: TracebackType | None, tb_offset: int | None = None
) -> None:
    """Show the error: as one sentence, where that says more."""
    sentence = advice(error, cells_of(notebook(shell.user_ns)), shell.user_ns.get("In", [""]))
    if sentence:
        error._render_traceback_ = lambda: [sentence]  # type: ignore[attr-defined]
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


def notebook(names: dict[str, Any]) -> Path | None:
    """The file of the notebook that this kernel runs for, where the program that shows it tells that."""
    told = os.environ.get("JPY_SESSION_NAME") or names.get("__vsc_ipynb_file__")
    return Path(told) if told and told.endswith(".ipynb") and Path(told).is_file() else None


def cells_of(file: Path | None) -> list[str]:
    """The code cells of a notebook; none, if its file cannot be read."""
    import nbformat

    if file is None:
        return NO_CELLS
    try:
        return [cell.source for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code"]
    except Exception:  # half of it is saved, or it has another format: the learner's own error counts, and not this one
        return NO_CELLS


def advice(error: Exception, cells: list[str], history: list[str]) -> str | None:
    """What to run, in a sentence; None, if the error is not of this kind.

    cells: those of the notebook, as it was saved. history: what has been run, the cell with this error at the end.
    """
    failed = history[-1].rstrip()
    known = (cells.index(text.rstrip()) for text in reversed(history) if text.rstrip() in cells)
    place = next(known, 0)  # of the cell, or of the last one before it that is saved as it was run
    cells = [*reversed(cells[:place]), *cells[place:]]  # the nearest above first
    cells = [cell for cell in cells if cell != failed]
    if isinstance(error, NameError) and error.name:
        line = first_found(partial(line_that_makes, error.name), cells)
        if line:
            return f"Python does not know `{error.name}` yet: run the cell with `{line}` first, then this one again."
    if sentence := slips.advice(error, failed):
        return sentence
    if "Duplicated timeseries" in str(error):
        return (
            f"{error}: a metric can be made only once in a kernel, and this one is there from the first run of this "
            "cell. Choose Kernel, Restart Kernel and Run up to Selected Cell."
        )
    address = silent_address(error)
    if address:
        lines = [
            line for cell in cells for line in lines_that_start(cell, "start_app(", "start_scouter(", "start_proxy(")
        ]
        fitting = [line for line in lines if fits(line, failed, error)]
        start = f"the cell with `{[*fitting, *lines][0]}`" if lines else "the cell that starts it"
        return f"Nothing answers at {address}: it is stopped, or was never started. Run {start} again, then this one."
    server = re.match(r"No (Prometheus|Alertmanager) answers at ", str(error))
    if server:
        lines = [line for cell in cells for line in lines_that_start(cell, f"start_{server[1].lower()}(")]
        if lines:
            silent = str(error).partition(". ")[0]
            return (
                f"{silent}: it is stopped, or was never started. Run the cell with `{lines[0]}` again, then this one."
            )
    return None


def first_found(line_of: Callable[[str], str | None], cells: list[str]) -> str | None:
    """What line_of finds in the first cell in which it finds something."""
    return next(filter(None, map(line_of, cells)), None)


def line_that_makes(name: str, cell: str) -> str | None:
    """The first line of the statement of a cell that gives this name a meaning."""
    try:
        statements = ast.parse(cell).body
    except SyntaxError:  # a learner's cell may hold anything
        return None
    for statement in statements:
        if name in names_made(statement):
            return cell.splitlines()[statement.lineno - 1]
    return None


def names_made(statement: ast.stmt) -> set[str]:
    """The names that a statement gives a meaning, in its own cell."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    nodes = list(ast.walk(statement))
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored | {node.asname or node.name.partition(".")[0] for node in nodes if isinstance(node, ast.alias)}


def silent_address(error: Exception) -> str | None:
    """Where on this machine nothing answered, as requests, asyncio or Scouter's client tells it, or None."""
    if isinstance(error, ConnectionRefusedError) and (port := re.search(r"'127\.0\.0\.1', (\d+)", str(error))):
        return f"http://127.0.0.1:{port[1]}"
    url = str(getattr(getattr(error, "request", None), "url", "")) if type(error).__name__ == "ConnectionError" else ""
    told = url if isinstance(error, OSError) else str(error).partition(OF_SCOUTER)[2]
    return "/".join(told.split("/")[:3]) if told.startswith(("http://127.0.0.1:", "https://127.0.0.1:")) else None


def lines_that_start(cell: str, *calls: str) -> list[str]:
    """The lines of a cell that start something, by one of these calls."""
    return [line.strip() for line in cell.splitlines() if any(call in line for call in calls)]


def fits(line: str, failed: str, error: Exception) -> bool:
    """Whether this line starts what the failed cell asked: the collector for Scouter's client, else what it names."""
    if OF_SCOUTER in str(error):
        return "start_scouter(" in line or "COLLECTOR" in line
    return bool(re.search(rf"\b{re.escape(line.partition(' ')[0])}\.url\b", failed))
