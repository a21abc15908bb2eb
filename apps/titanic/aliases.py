"""Which version of the model is champion, challenger or previous, and how that changes (lesson 21).

The model has two forms, scikit-learn and ONNX, and each form has aliases of its own. They move together or not at all.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from titanic import store
from titanic.problem import Problem

if TYPE_CHECKING:
    from mlflow import MlflowClient

MET = "the rule is met"  # the tag `verdict` of a version that may be promoted; any other verdict says why not
NO_CHAMPION = "There is no champion. Run lesson 01, or python course.py train, which makes one."
RESTART = "Restart the apps that are running; only the app of lesson 22 follows by itself."


def registry() -> "MlflowClient":
    """MLflow's client for this store."""
    import mlflow  # here and not above: it takes two seconds

    return mlflow.MlflowClient(store.tracking_uri())


def current() -> dict[str, int]:
    """The number of the version that each alias points to. Problem: MLflow cannot tell, and why."""
    if file := store.database():
        return store.aliases_in(file)  # without MLflow: an app that follows the aliases asks every second
    with store.problems("MLflow cannot tell where the aliases point to"):
        found = registry().get_registered_model(store.MODEL_NAME).aliases
        return {alias: int(number) for alias, number in found.items()}


def versions() -> dict[str, str]:
    """The number of the version that each alias points to. Problem: there is no champion.

    Another alias that points to the champion too is left out: a move on a server was interrupted (see `move`).
    """
    if not store.has_champion():
        raise Problem(NO_CHAMPION)
    store.connect()
    found = {alias: str(number) for alias, number in current().items()}
    if "champion" not in found:  # has_champion cannot see into a server
        raise Problem(NO_CHAMPION)
    return {alias: number for alias, number in found.items() if alias == "champion" or number != found["champion"]}


def promote(anyway: bool = False) -> str:
    """Make the challenger the champion, and the champion `previous`; say so in a sentence.

    Problem: there is no challenger, or the rule is against it, or it was compared with another champion than this one.
    anyway: then the rule does not matter.
    """
    found = versions()
    if "challenger" not in found:
        raise Problem("There is no challenger to promote. Train one first: python course.py retrain")
    challenger, champion = found["challenger"], found["champion"]
    tags = registry().get_model_version(store.MODEL_NAME, challenger).tags
    verdict = tags.get("verdict", "it was never compared with the champion")
    if verdict == MET and tags.get("compared_with") != champion:
        verdict = f"it was compared with version {tags.get('compared_with')}, and the champion is version {champion}"
    if verdict != MET and not anyway:
        raise Problem(
            f"Version {challenger} is not promoted: {verdict}. Train a new one: python course.py retrain. "
            "If you want this one all the same: python course.py retrain --promote --anyway"
        )
    move({"previous": champion, "champion": challenger, "challenger": None})
    return f"Version {challenger} is the champion now, and version {champion} is kept as previous. {RESTART}"


def roll_back() -> str:
    """Make `previous` the champion again; say so in a sentence. Problem: there is none."""
    found = versions()
    if "previous" not in found:
        raise Problem("There is nothing to roll back to: no version has the alias previous.")
    move({"champion": found["previous"], "previous": None})
    return f"Version {found['previous']} is the champion again, in place of version {found['champion']}. {RESTART}"


def move(aliases: Mapping[str, str | None]) -> None:
    """Point each of these aliases to this version of `titanic`, or, with None, to none; the ONNX form follows.

    If nothing is said of `previous`, it gets the champion that a new one replaces, as after a training.
    In a file, they move together. A server of MLflow moves one alias at a time: there, the champion of `titanic` is
    what counts, and the move can be repeated.
    """
    if aliases.get("champion") and "previous" not in aliases and (old := current().get("champion")):
        aliases = {"previous": str(old), **aliases}
    wanted = []
    for alias, version in aliases.items():
        wanted += [(store.ONNX_NAME, alias, in_onnx(version)), (store.MODEL_NAME, alias, version)]
    file = store.database()
    if file is not None:
        return move_together(file, wanted)
    client = registry()
    for name, alias, number in wanted:
        if number is not None:
            client.set_registered_model_alias(name, alias, number)
        elif client.search_registered_models(f"name = '{name}'"):
            client.delete_registered_model_alias(name, alias)


def move_together(file: Path, wanted: Sequence[tuple[str, str, str | None]]) -> None:
    """In a file, move all in one transaction: whenever it is interrupted, all aliases are old, or all are new.

    wanted: for each, the model's name, the alias, and the version, or None to take the alias away. MLflow's client
    moves only one alias at a time, so this writes into MLflow's own table.
    """
    with closing(sqlite3.connect(file)) as connection, connection:  # committed at the end, or nothing has happened
        for name, alias, number in wanted:
            connection.execute("DELETE FROM registered_model_aliases WHERE name = ? AND alias = ?", [name, alias])
            if number is not None:
                connection.execute(
                    "INSERT INTO registered_model_aliases (name, alias, version) VALUES (?, ?, ?)",
                    [name, alias, number],
                )


def in_onnx(version: str | None) -> str | None:
    """The version of the ONNX form that the same run has made; None if it could not be exported."""
    if version is None:
        return None
    client = registry()
    run_id = client.get_model_version(store.MODEL_NAME, version).run_id
    found = client.search_model_versions(f"name = '{store.ONNX_NAME}' and run_id = '{run_id}'")
    return max((str(one.version) for one in found), key=int, default=None)
