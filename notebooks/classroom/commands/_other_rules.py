"""The act of `course.py demo` in which the world gets other rules: the accuracy falls, and a new model mends it."""

import shutil
import sys
import time
from pathlib import Path

from classroom.other_ship import other_ship
from classroom.other_store import copy_store
from classroom.outcomes import outcomes_come
from classroom.prometheus import promql, wait_for_alert
from classroom.servers import child
from classroom.servers.app import RunningApp, start_own_app
from classroom.servers.folders import APPS
from classroom.traffic import traffic, wait
from titanic.problem import Problem

ALERT = "AccuracyBelowTraining"
# About as many are predicted to survive as before, so only the row Was it right? of the dashboard moves.
SURVIVE = {1: 0.05, 2: 0.95, 3: 0.05}  # of the passengers of each class, whether women or men
RETRAIN = [sys.executable, str(APPS / "mlflow_01_retrain_model.py")]
PROMOTE = [sys.executable, "-m", "classroom.commands.retrain", "--promote"]
# Outcomes a second. The line is drawn by all outcomes of some minutes: so that it rises, later ones must be more.
BEFORE, AFTER = 200, 300


def say(what: str) -> None:
    """Print it, with the time: then one finds the moment on the dashboard."""
    print(f"\n{time.strftime('%H:%M:%S')}  {what}", flush=True)


def accuracy() -> str:
    """How often the model was right, by the outcomes of the last minutes. Problem: Prometheus does not answer."""
    return f"{promql('app:titanic_accuracy:ratio')['value'].mean():.0%} of the predictions were right"


def new_round(folder: Path) -> dict[str, str]:
    """The settings of an app that may change its model and its outcomes: they are in this folder, which is made anew.

    Problem: MLflow's store cannot be copied.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(exist_ok=True)  # on Windows, a file that somebody has open stays
    return {
        "MLFLOW_TRACKING_URI": copy_store(folder / "mlflow.db"),
        "OUTCOME_DATABASE": str(folder / "outcomes.sqlite3"),
        "TMPDIR": str(folder),  # a training that is killed leaves its temporary files: they go with the folder
    }


def play_other_rules(app: RunningApp, settings: dict[str, str], seconds: float, faster: int = 1) -> RunningApp:
    """Let the accuracy fall, for so many seconds and until the alert fires, and rise again; the app as it then runs.

    settings: those of the app, which name a store and a file of outcomes that may be changed. faster: outcomes come so
    many times as often. Problem: the app does not start again.
    """
    ship = other_ship(30_000, seed=1, survive=SURVIVE)
    began = time.monotonic()
    with traffic(app.url, "calm"):
        with outcomes_come(app.url, ship[:15_000], BEFORE * faster):
            wait("outcomes of the other ship", seconds)
            try:
                wait_for_alert(ALERT)
                say(f"The alert {ALERT} fires: {accuracy()}. A challenger is trained:")
            except Problem as problem:  # somebody has changed the rules of Prometheus
                say(f"{problem} A challenger is trained all the same:")
        fall = time.monotonic() - began
        if child.run(RETRAIN, None, settings) or child.run(PROMOTE, None, settings):
            say("So the model stays as it is.")
            return app
        say("The app starts again with the new model, and is DOWN meanwhile.")
        app.stop()
        app = start_own_app(app.name, settings)
        say("Outcomes come again. Look at the row Was it right?: the line rises.")
        with outcomes_come(app.url, ship[15_000:], AFTER * faster):
            wait("outcomes of the other ship", fall)
        print(f"Of the last minutes, {accuracy()}.")
    return app
