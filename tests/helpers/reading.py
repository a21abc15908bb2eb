"""A learner who reads a lesson cell by cell: runs what a message names, and restarts the kernel."""

import re
from contextlib import contextmanager

import nbformat
from nbclient import NotebookClient


class Reader:
    """Runs cells of a lesson in one kernel. .named: the lines by which messages have named other cells, in order."""

    def __init__(self, lesson):
        cells = nbformat.read(lesson, as_version=4).cells
        self.cells = [cell for cell in cells if cell.cell_type == "code" and not is_tagged(cell, "solution")]
        after = next(number for number, cell in enumerate(cells) if "## Run it" in cell.source)
        self.second_half = [cell for cell in cells[after:] if cell in self.cells]
        self.named = []
        self._notebook = nbformat.v4.new_notebook()
        folder = {"metadata": {"path": lesson.parent}}
        self._client = NotebookClient(self._notebook, allow_errors=True, timeout=300, resources=folder)

    @contextmanager
    def new_kernel(self):
        """A kernel in which nothing has been run, until the block ends."""
        with self._client.setup_kernel():
            yield

    def run(self, source):
        """Run a cell; return its outputs."""
        self._notebook.cells.append(nbformat.v4.new_code_cell(source))
        number = len(self._notebook.cells) - 1
        return self._client.execute_cell(self._notebook.cells[number], number).outputs

    def run_as_told(self, cell):
        """Run a cell, and before it those that it names, until it works; return its outputs.

        AssertionError: it fails without naming one, or sends in a circle.
        """
        for _ in range(9):
            outputs = self.run(cell.source)
            error = next((output for output in outputs if output.output_type == "error"), None)
            if error is None or is_tagged(cell, "raises-exception"):
                return outputs
            named = re.search(r"[Rr]un the cell with `(.+?)`", "\n".join(error.traceback))
            assert named, f"{cell.source}\n\n{error.ename}: {error.evalue}"
            assert len(error.traceback) == 1, error.traceback
            self.named.append(named[1])
            self.run_as_told(next(cell for cell in self.cells if named[1] in cell.source))
        raise AssertionError(f"{cell.source}\n\nasks for more and more cells: {self.named}")


def is_tagged(cell, tag):
    """True if the author has given this cell this tag."""
    return tag in cell.metadata.get("tags", [])
