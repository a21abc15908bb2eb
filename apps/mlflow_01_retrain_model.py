"""Train a challenger on what has happened since, and compare it with the champion. New: a fair comparison, a rule.

Run it with: python course.py retrain
Its lesson:  notebooks/21_mlflow_01_retrain_model.ipynb
"""

import signal
import sys
import tempfile
from pathlib import Path

import mlflow
import pandas as pd
from mlflow.data.pandas_dataset import from_pandas
from sklearn.pipeline import Pipeline

from mlflow_00_train_model import NEEDED_TO_LOAD, SEED, TRUSTED, add_version, candidates
from titanic import aliases, drift, store
from titanic.comparison import compare, look_alikes, right, times_as_long
from titanic.ctrl_c import interruptible
from titanic.dataset import COLUMNS, fingerprint, read_passengers
from titanic.labelled import MORE, read_labelled
from titanic.model import load
from titanic.onnx_log import log_in_onnx
from titanic.problem import Problem

PIPELINE = "dicts + gradient boosting"  # the kind of model that lesson 01 has chosen
ENOUGH = 100  # passengers to compare by; with fewer, chance decides
SLOWER = 1.5  # times as long may the challenger take: more than two runs of the same model differ
WORSE = 0.05  # so much less often may it be right in a group


def split(labelled: pd.DataFrame, used_until: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Passengers whose outcome is known, in their order, as two tables: to learn from, and to compare by.

    To compare by: the newest half of those who are new to the champion, so that neither model has learnt from them. Who
    has asked several times, with the same seven fields, counts once: asking again does not make chance smaller.
    used_until: the moment (seconds since 1970) of the newest passenger that was used when the champion was made, be it
    to train or to compare. Problem: there are too few.
    """
    new = labelled[labelled["made_at"] > used_until]
    newest = new.tail(len(new) // 2)
    different = newest.drop_duplicates(COLUMNS, keep="last")
    if len(different) < ENOUGH:
        raise Problem(
            f"There are too few outcomes: {len(new)} are new to the champion, and the newest half, to compare by, are "
            f"{len(different)} different passengers; {ENOUGH} are needed. {MORE}"
        )
    return labelled.drop(newest.index), different


def decide(table: pd.DataFrame, times: float) -> dict[str, bool]:
    """The rule, written down before the results: a condition in words, and whether it is met. All three must be.

    table: what `compare` says. times: how many times as long the challenger takes.
    """
    every, group = table.loc["all"], table.drop(index="all")
    much_worse = (group["difference"] < -WORSE) & (group["high"] < 0)  # it matters, and it is more than chance
    return {
        "better by more than chance": bool(every["low"] > 0),
        "not slower": times <= SLOWER,
        "no group much worse": not much_worse.any(),
    }


def retrain() -> str:
    """Train the challenger, compare, log and register all of it; a sentence that says what the rule decides.

    Problem: there is no champion, there are too few outcomes, or MLflow's store cannot be used, and why.
    """
    labelled = read_labelled()
    with store.problems():
        compared_with = aliases.versions()["champion"]
        used_until = aliases.registry().get_model_version(store.MODEL_NAME, compared_with).tags.get("used_until", "0")
    store.open_store()
    older, newest = split(labelled, float(used_until))
    X, y = read_passengers()
    known = pd.concat([X.assign(survived=y), older[[*COLUMNS, "survived"]]], ignore_index=True)
    print(f"The challenger learns from {len(X)} passengers of lesson 01 and {len(older)} with an outcome.")
    alike = look_alikes(newest, known)
    print(
        f"Both models are compared by the newest {len(newest)}. Look-alikes of passengers it has learnt from: {alike}."
    )
    with store.problems("The champion could not be loaded"):
        champion = load(f"models:/{store.MODEL_NAME}/{compared_with}")  # the alias may have moved since
    challenger = candidates()[PIPELINE].fit(known[COLUMNS], known["survived"])
    table = compare(newest, right(champion, newest), right(challenger, newest))
    times = times_as_long(champion, challenger, newest[COLUMNS].head(1))
    conditions = decide(table, times)
    print(table.round(2).to_string())
    print("\n".join(f"{'yes' if met else 'NO':5}{condition}" for condition, met in conditions.items()))
    against = ", ".join(condition for condition, met in conditions.items() if not met)
    verdict = f"the rule is not met ({against})" if against else aliases.MET
    tags = {"verdict": verdict, "compared_with": compared_with, "used_until": repr(float(newest["made_at"].max()))}
    metrics = {str(name): value for name, value in table.loc["all"].astype(float).to_dict().items()}
    with store.problems():
        number = register_challenger(challenger, known, newest, table, metrics | {"times_as_long": times}, tags)
    return f"Version {number} is the challenger: {verdict}."


def register_challenger(
    challenger: Pipeline,
    known: pd.DataFrame,
    newest: pd.DataFrame,
    table: pd.DataFrame,
    metrics: dict[str, float],
    tags: dict[str, str],
) -> str:
    """Log what was found, and the model in both forms; at the very end, the alias moves. The version's number."""
    X, y = known[COLUMNS], known["survived"]
    with mlflow.start_run(run_name="challenger", tags=tags) as run, tempfile.TemporaryDirectory() as folder:
        mlflow.log_params({"pipeline": PIPELINE, "seed": SEED, "rows": len(X), **challenger[-1].get_params()})
        mlflow.log_metrics(metrics)
        mlflow.log_text(table.to_csv(index_label="group"), "comparison.csv")
        for name, data in (("training", known), ("comparison", newest)):
            mlflow.log_input(from_pandas(data, name=name, digest=fingerprint(data)), name)
        without_gaps = known.dropna()  # as the app accepts them
        drift.psi_profile(without_gaps).save_to_json(Path(folder) / "psi.json")
        drift.custom_profile(without_gaps["survived"]).save_to_json(Path(folder) / "custom.json")
        mlflow.log_artifacts(folder, "drift")
        logged = mlflow.sklearn.log_model(
            challenger, name="model", input_example=X.head(3), skops_trusted_types=TRUSTED,
            signature=mlflow.models.infer_signature(X.dropna(), y), pip_requirements=NEEDED_TO_LOAD,
        )  # fmt: skip
    in_onnx = log_in_onnx(challenger, run.info.run_id, X)
    number = add_version(store.MODEL_NAME, logged.model_id, tags)
    if in_onnx:
        add_version(store.ONNX_NAME, in_onnx)
    aliases.move({"challenger": number})
    return number


if __name__ == "__main__":
    try:
        with interruptible(signal.SIGINT):
            print(retrain())
    except KeyboardInterrupt:
        sys.exit("Stopped: there is no new challenger.")
    except Problem as problem:
        sys.exit(f"There is no new challenger. {problem}")
