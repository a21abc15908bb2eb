"""Paths in the environment: like those on the command line, they begin where course.py was called."""

import os
import re
from pathlib import Path

from setting_up.places import ROOT, as_called

# The settings of the apps are read as text: to import them takes packages, and time.
FIELD = re.compile(r"^    (\w+): (?:Annotated\[)?Path\b", re.MULTILINE)
PROGRAMS = ("PROMETHEUS_BIN", "ALERTMANAGER_BIN")  # a name without a folder is looked for on the PATH


def names() -> list[str]:
    """The variables that name a file or a folder, such as PREDICTION_LOG_PATH."""
    texts = [file.read_text(encoding="utf-8") for file in sorted((ROOT / "apps").glob("*/settings.py"))]
    return [name.upper() for text in texts for name in FIELD.findall(text)] + ["GRAFANA_HOME", *PROGRAMS]


def from_where_one_is() -> None:
    """Let each of them, and a file as MLflow's store, mean the same in the folder of the course."""
    for name in names():
        said = os.environ.get(name)
        if said and not (name in PROGRAMS and Path(said).name == said):
            os.environ[name] = str(as_called(said))
    kind, is_file, path = os.environ.get("MLFLOW_TRACKING_URI", "").partition(":///")
    if kind.startswith("sqlite") and path and not path.startswith((":memory:", "file:")):
        os.environ["MLFLOW_TRACKING_URI"] = kind + is_file + as_called(path).as_posix()
