"""The scripts of apps/: their names, in the order of the lessons, and their text."""

import difflib
import re
from pathlib import Path

from classroom.servers.folders import APPS, NOTEBOOKS
from titanic.problem import Problem

COMMANDS = {"mlflow_00_train_model": "train", "mlflow_01_retrain_model": "retrain"}  # scripts that are no apps


def lessons() -> list[Path]:
    """The lessons, in their order; without what a learner has written beside them."""
    return sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def notebooks() -> list[Path]:
    """The lessons, and the pages of the appendix that can be run."""
    return lessons() + sorted((NOTEBOOKS / "appendix").glob("*.ipynb"))


def app_names() -> list[str]:
    """The scripts that hold an app, in the order of the lessons."""
    order = {path.stem[3:]: path.stem for path in lessons()}
    return sorted((path.stem for path in APPS.glob("*_*_app.py")), key=lambda name: order.get(name, name))


def is_of_ray(name: str) -> bool:
    """True if Ray serves this app, and not uvicorn (lesson 25)."""
    file = APPS / f"{name}.py"
    return file.is_file() and "from ray import serve" in file.read_text(encoding="utf-8")


def two_digits(name: str) -> str:
    """The name with its numbers as the course writes them: fastapi_05 for fastapi_5."""
    return re.sub(r"\d+", lambda number: number[0].zfill(2), name)


def known_app(name: str) -> str:
    """The name of an app, without the .py that one easily types. Problem, with the list: there is no such app."""
    name = Path(name).name.removesuffix(".py")
    names = app_names()
    if name in names:
        return name
    if name in COMMANDS:
        raise Problem(f"That script is no app: it trains a model. Run it with python course.py {COMMANDS[name]}")
    meant = two_digits(name)
    near = [other for other in names if other.startswith(meant) or f"_{meant}_" in other]
    near += [path.stem[3:] for path in lessons() if path.stem.startswith(f"{meant}_") and path.stem[3:] in names]
    near = list(dict.fromkeys([*near, *difflib.get_close_matches(meant, names, n=9, cutoff=0.3), *names]))
    listed = "\n  ".join(near)
    raise Problem(f"There is no app called '{name}'. These can be started with python course.py app NAME:\n  {listed}")


def known_notebook(name: str) -> Path:
    """The notebook of this name, such as 05, or 5, or fastapi_04_single_app. Problem, with the list: there is none."""
    meant = Path(name).name.removesuffix(".ipynb")
    for path in notebooks():
        if meant in (path.stem, path.stem[3:]) or path.stem.startswith(f"{two_digits(meant)}_"):
            return path
    raise Problem(f"There is no notebook called '{name}'. There are: {', '.join(path.stem for path in notebooks())}")


def read(script: str) -> str:
    """The text of a script of apps/, such as "titanic/model". Problem: there is none of this name."""
    file = APPS / f"{script}.py"
    if not file.is_file():
        names = [path.stem for path in APPS.glob("*.py")]
        near = difflib.get_close_matches(script, names, n=1, cutoff=0.7)
        hint = f"Do you mean {near[0]}?" if near else "python course.py app lists them all."
        raise Problem(f"There is no script {script}.py in the folder apps. {hint}")
    return file.read_text(encoding="utf-8").strip()
