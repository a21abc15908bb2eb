"""Run the notebooks from top to bottom and store their outputs: `python course.py refresh [NOTEBOOK ...]`."""

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NOTEBOOKS = Path(__file__).resolve().parents[1]


def refresh(file: Path) -> None:
    """Run one notebook and write it back. Run twice, it writes the same bytes twice."""
    notebook = nbformat.read(file, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, record_timing=False, coalesce_streams=True, resources={"metadata": {"path": NOTEBOOKS}}
    )
    client.execute()
    notebook.metadata["language_info"].pop("version", None)  # it would change with each reader's Python
    nbformat.write(notebook, file)


def main() -> None:
    """Refresh the named notebooks, or all."""
    names = [Path(name).stem for name in sys.argv[1:]]
    files = [file for file in sorted(NOTEBOOKS.glob("*.ipynb")) if not names or file.stem in names]
    if len(files) < len(names) or not files:
        sys.exit(f"No such notebook. There are: {', '.join(file.stem for file in sorted(NOTEBOOKS.glob('*.ipynb')))}")
    # A store of its own: what a reader has trained must neither show in the lessons nor be changed by this.
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{Path(folder).as_posix()}/mlflow.db"
        for number, file in enumerate(files, start=1):
            print(f"[{number}/{len(files)}] {file.name}", flush=True)
            try:
                refresh(file)
            except CellExecutionError as error:
                sys.exit(f"{file.name} was left as it was, because a cell failed:\n{error}")


if __name__ == "__main__":
    main()
