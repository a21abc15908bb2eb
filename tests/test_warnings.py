"""The course's own code uses nothing that is deprecated; what packages warn about inside themselves is theirs."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

from fastapi.exceptions import FastAPIDeprecationWarning
from starlette.exceptions import StarletteDeprecationWarning

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = [path.stem for path in sorted((ROOT / "apps").glob("*.py"))]

# Prints each warning that importing a script causes: the script, the kind, and the file that it is blamed on. A script
# is imported in a fork of a process that has imported the packages: what these do is not ours, and it takes long.
PROGRAM = """
import contextlib, importlib, os, sys, warnings

packages, scripts = (argument.split(",") for argument in sys.argv[1:])
for name in packages:
    with contextlib.suppress(ImportError):
        importlib.import_module(name)
for name in scripts:
    if len(scripts) == 1 or os.fork() == 0:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            importlib.import_module(name)
        for warning in caught:
            print(name, warning.category.__name__, warning.filename, sep="|", flush=True)
        os._exit(0)
    assert os.wait()[1] == 0, f"{name} cannot be imported"
"""
PACKAGES = "fastapi,mlflow.sklearn,pandas,prometheus_client,psutil,scouter,sklearn.pipeline"


def deprecations(caught, folder=ROOT / "apps"):
    """The pairs of kind and file that are deprecations in this folder.

    The name of the kind decides: FastAPI's and Starlette's do not derive from DeprecationWarning.
    """
    return [(kind, file) for kind, file in caught if "Deprecat" in kind and folder in Path(file).parents]


def warnings_of_import(names, folder=ROOT / "apps"):
    """For each warning when a fresh Python imports one of these scripts: the script, the kind, and the file."""
    groups = [names] if hasattr(os, "fork") else [[name] for name in names]
    found = []
    for group in groups:
        command = [sys.executable, "-c", PROGRAM, PACKAGES, ",".join(group)]
        child = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert child.returncode == 0, child.stderr
        found += [line.split("|") for line in child.stdout.splitlines()]
    return found


def test_no_script_is_written_with_what_is_deprecated():
    assert deprecations((f"{name}: {kind}", file) for name, kind, file in warnings_of_import(SCRIPTS)) == []


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
    (tmp_path / "new_script.py").write_text("import fastapi")
    caught = warnings_of_import(["new_script", "old_script"], tmp_path)
    assert len(deprecations((caught[1:] for caught in caught), tmp_path)) == 2
    assert {name for name, *_ in caught} == {"old_script"}


# What an app does when it is asked is seen by all the tests that ask it: there, such a warning is an error.


def is_an_error(module, kind=DeprecationWarning):
    """True if pytest, as it is set up here, makes an error of a warning that is blamed on this module."""
    with warnings.catch_warnings(record=True):
        try:
            warnings.warn_explicit("old", kind, "file.py", 1, module=module)
        except kind:
            return True
        return False


def test_pytest_makes_errors_of_our_own_deprecations_only():
    ours = {*SCRIPTS, "titanic.model", "classroom.servers.launcher", "test_warnings", "conftest"}
    foreign = {"mlflow", "mlflow.store", "fastapi_offline", "prometheus_client", "fastapi", "sklearn.base"}
    assert {module for module in ours | foreign if is_an_error(module)} == ours
    for kind in (FastAPIDeprecationWarning, StarletteDeprecationWarning):
        assert all(is_an_error(module, kind) for module in ours)
