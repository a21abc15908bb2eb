"""The course's own code uses nothing that is deprecated; what packages warn about inside themselves is theirs."""

import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from classroom.servers.scripts import app_names
from titanic.passenger import EXAMPLES

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = [path.stem for path in sorted((ROOT / "apps").glob("*.py"))]

# Prints each warning that importing a script causes: its kind, and the file that it is blamed on.
PROGRAM = """
import importlib, sys, warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    importlib.import_module(sys.argv[1])
for warning in caught:
    print(warning.category.__name__, warning.filename, sep="|")
"""


def deprecations(caught, folder=ROOT / "apps"):
    """The pairs of kind and file that are deprecations in this folder.

    The name of the kind decides: FastAPI's and Starlette's do not derive from DeprecationWarning.
    """
    return [(kind, file) for kind, file in caught if "Deprecat" in kind and folder in Path(file).parents]


def warnings_of_import(name, folder=ROOT / "apps"):
    """The pairs of kind and file of all warnings when a fresh Python imports this script of the folder."""
    child = subprocess.run([sys.executable, "-c", PROGRAM, name], cwd=folder, capture_output=True, text=True)
    assert child.returncode == 0, child.stderr
    return [line.split("|") for line in child.stdout.splitlines()]


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_is_written_with_what_is_deprecated(name):
    assert deprecations(warnings_of_import(name)) == []


@pytest.mark.parametrize("name", app_names())
def test_no_app_answers_with_what_is_deprecated(name, client, champion):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        api = client(name)
        for path in api.get("/openapi.json").json()["paths"]:
            api.get(path)
        api.post("/predict_single", json=EXAMPLES[0])
        api.post("/predict_batch", json=EXAMPLES)
    assert deprecations((warning.category.__name__, warning.filename) for warning in caught) == []


OLD = """
import pydantic
from fastapi import FastAPI

app = FastAPI()

@app.on_event("startup")
def start(): ...

class Old(pydantic.BaseModel):
    class Config: ...
"""


def test_what_is_deprecated_would_be_found(tmp_path):
    (tmp_path / "old_script.py").write_text(OLD)
    assert len(deprecations(warnings_of_import("old_script", tmp_path), tmp_path)) == 2


def is_an_error(module):
    """True if pytest, as it is set up here, makes an error of a DeprecationWarning that is blamed on this module."""
    with warnings.catch_warnings(record=True):
        try:
            warnings.warn_explicit("old", DeprecationWarning, "file.py", 1, module=module)
        except DeprecationWarning:
            return True
        return False


def test_pytest_makes_errors_of_our_own_deprecations_only():
    ours = {*SCRIPTS, "titanic.model", "classroom.servers.launcher", "test_warnings", "conftest"}
    foreign = {"mlflow", "mlflow.store", "fastapi_offline", "prometheus_client", "fastapi", "sklearn.base"}
    assert {module for module in ours | foreign if is_an_error(module)} == ours
