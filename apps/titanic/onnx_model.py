"""Read the champion in ONNX (lesson 19). MLflow could do so, but it takes two seconds, and loads pandas."""

import tempfile
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from titanic import store
from titanic.problem import Problem
from titanic.read_only import read_only
from titanic.store_repair import follow_move

TREES = "extra_files/trees.onnx"  # beside MLflow's own model.onnx: the second half of the same graph
NO_MODEL = (
    "There is no model in ONNX with the alias champion. "
    "Run python course.py train, look whether it was exported, then start this app again."
)


def read(name: str = TREES) -> bytes:
    """A file of the champion in ONNX, such as "model.onnx", the whole graph. Problem: there is none, and why."""
    if not store.has_champion(store.ONNX_NAME):
        raise Problem(NO_MODEL)
    with store.problems("The model in ONNX could not be read"):
        if folder := folder_of_champion():
            return found(folder / name).read_bytes()
        with tempfile.TemporaryDirectory() as temporary:
            return found(Path(fetched(temporary)) / name).read_bytes()


def found(file: Path) -> Path:
    """The file itself. FileNotFoundError: it is not there."""
    if not file.is_file():
        raise FileNotFoundError(f"No such artifact: '{file}'")
    return file


def folder_of_champion() -> Path | None:
    """The folder of the champion's files, as it stands in the store's database; None if it is not on this machine."""
    file = store.database()
    if file is None:
        return None
    if file == store.STORE / "mlflow.db":
        follow_move(store.STORE, store.MODEL_NAME)
    with read_only(file) as connection:
        (location,) = connection.execute(
            "SELECT storage_location FROM model_versions JOIN registered_model_aliases USING (name, version) "
            "WHERE name = ? AND alias = 'champion'",
            [store.ONNX_NAME],
        ).fetchone() or [None]
    where = urlsplit(location or "")
    return Path(url2pathname(where.path)) if where.scheme == "file" else None


def fetched(folder: str) -> str:
    """The folder into which MLflow has fetched the champion's files from its server."""
    store.connect()
    import mlflow  # here and not above: whose store is on this machine does without it

    where: str = mlflow.artifacts.download_artifacts(f"models:/{store.ONNX_NAME}@champion", dst_path=folder)
    return where
