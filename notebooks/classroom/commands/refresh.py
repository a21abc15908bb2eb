"""Run the notebooks and store their outputs."""

import argparse
import os
import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from classroom.commands._ending import run
from classroom.progress import cells_of
from classroom.servers.app import train_if_needed
from classroom.servers.folders import NOTEBOOKS
from classroom.servers.scripts import known_notebook, notebooks
from classroom.servers.temporary import temporary_folder
from titanic.problem import Problem


def refresh(file: Path) -> None:
    """Run one notebook and write it back. Run twice, it writes the same bytes twice."""
    notebook = nbformat.read(file, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, record_timing=False, coalesce_streams=True, resources={"metadata": {"path": NOTEBOOKS}}
    )
    client.execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "text" in output:  # said on a slow machine only
                output.text = re.sub(r"\w+ is starting\. It takes some seconds \.\.\.\n", "", output.text)
        if "solution" in cell.metadata.get("tags", []):
            cell.outputs = []  # GitHub and the website would show it to those who have not asked for it
    notebook.metadata["language_info"].pop("version", None)  # it would change with each reader's Python
    nbformat.write(notebook, file)


def main() -> None:
    """Refresh the named notebooks, or all."""
    parser = argparse.ArgumentParser(prog="python course.py refresh", description=__doc__)
    parser.add_argument("notebook", nargs="*", help="such as 05; without one, all notebooks")
    names = parser.parse_args().notebook
    files = [known_notebook(name) for name in names] or notebooks()
    for file in files:
        cells_of(file)  # one that is none is told now, and not after a training
    # A store of its own: what a reader has trained must neither show in the lessons nor be changed by this.
    with temporary_folder() as folder:
        os.environ["COURSE_PROGRESS"] = f"{folder}/solved.txt"
        os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{Path(folder).as_posix()}/mlflow.db"
        for number, file in enumerate(files, start=1):
            print(f"[{number}/{len(files)}] {file.name}", flush=True)
            try:
                if file.stem > "02":  # lesson 01 trains the model itself; in the others, that is no part of the lesson
                    train_if_needed("fastapi_04_single_app")
                refresh(file)
            except CellExecutionError as error:
                raise Problem(f"{file.name} was left as it was, because a cell failed:\n{error}") from None


if __name__ == "__main__":
    run(main)
