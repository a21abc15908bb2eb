"""The checks of lesson 11."""

from typing import Any

import numpy as np

from classroom.checks import number, returned


def entries(*probabilities: float) -> list[dict[str, Any]]:
    """The entries of a log with these probabilities to survive."""
    return [
        {
            "execute": execute, "execution_time": f"2026-11-27T10:00:0{execute}+00:00", "experiment_id": "1",
            "run_id": "d5b7cf", "prediction": int(survived > 0.5),
            "probability": {"Not Survived": 1 - survived, "Survived": survived},
        }
        for execute, survived in enumerate(probabilities, start=1)
    ]  # fmt: skip


def exercise_1(unsure: Any) -> None:
    """How many predictions are neither sure nor sure of the opposite."""
    for probabilities, right in (
        ((0.1, 0.395, 0.4, 0.5, 0.6, 0.605), 3),
        ((0.1, 0.395, 0.4), 1),
        ((0.45, 0.55, 0.5, 0.41), 4),
        ((0.01, 0.39, 0.61, 0.97), 0),
        ((0.6, 0.9, 0.2), 1),
        ((0.5, 0.5, 0.7, 0.5), 3),
    ):
        found = returned(unsure(entries(*probabilities)))
        case = f"{right} of the probabilities {', '.join(map(str, probabilities))}"
        is_list = isinstance(found, (list, tuple))
        assert not is_list, "`unsure` returns the entries themselves, or a list, and not how many they are: use len"
        count = number("unsure(entries)", found)
        assert count == right, f"{case} are from 0.4 to 0.6, both included; `unsure` returns {count:g}"


def exercise_2(missing: Any) -> None:
    """The numbers between the first and the last that are not there."""
    for numbers, right in ([1, 2, 3], []), ([1, 2, 5, 6], [3, 4]), ([9, 4, 6], [5, 7, 8]), ([40, 42], [41]), ([7], []):
        found = returned(missing(list(numbers)))
        kind = type(found).__name__
        hint = {"set": ": sorted(...) makes a list of a set", "ndarray": ": .tolist() makes a list of an array"}
        assert isinstance(found, list), f"`missing` returns a {kind}, and no list{hint.get(kind, '')}"
        plain = [one.item() if isinstance(one, np.integer) else one for one in found]  # 3, and not np.int64(3)
        words = f"of {', '.join(map(str, numbers))} it returns {plain}, and not {right}"
        order = ". The numbers may come in any order" if numbers != sorted(numbers) else ""
        assert found == right, f"{words}{order}"
