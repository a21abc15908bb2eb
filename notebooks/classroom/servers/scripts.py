"""The scripts of apps/: their names, in the order of the lessons, and their text."""

import difflib
from pathlib import Path

from classroom.servers.folders import APPS, NOTEBOOKS
from titanic.problem import Problem


def app_names() -> list[str]:
    """The scripts that hold an app, in the order of the lessons."""
    lessons = {path.stem[3:]: path.stem for path in NOTEBOOKS.glob("*.ipynb")}
    return sorted((path.stem for path in APPS.glob("*_*_app.py")), key=lambda name: lessons.get(name, name))


def known_app(name: str) -> str:
    """The name of an app, without the .py that one easily types. Problem, with the list: there is no such app."""
    name = Path(name).name.removesuffix(".py")
    names = app_names()
    if name in names:
        return name
    if name == "mlflow_00_train_model":
        raise Problem("That script is no app: it trains the model. Run it with python course.py train")
    near = [other for other in names if name and other.startswith(name)]
    near += [other for other in difflib.get_close_matches(name, names, n=9, cutoff=0.3) if other not in near]
    listed = "\n  ".join(near + [other for other in names if other not in near])
    problem = f"There is no app called '{name}'." if name else "Which app?"
    raise Problem(f"{problem} These can be started with python course.py app NAME:\n  {listed}")


def read(script: str) -> str:
    """The text of a script of apps/, such as "titanic/model". Problem: there is none of this name."""
    file = APPS / f"{script}.py"
    if not file.is_file():
        names = [path.stem for path in APPS.glob("*.py")]
        near = difflib.get_close_matches(script, names, n=1, cutoff=0.7)
        hint = f"Do you mean {near[0]}?" if near else "python course.py app lists them all."
        raise Problem(f"There is no script {script}.py in the folder apps. {hint}")
    return file.read_text(encoding="utf-8").strip()
