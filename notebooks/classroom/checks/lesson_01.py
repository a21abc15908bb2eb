"""The checks of lesson 01."""

from typing import Any

import numpy as np
import pandas as pd

from classroom.checks import equal, number, returned, same_number

# Each column would choose another candidate, and the last one is that of no column.
RESULTS = pd.DataFrame(
    {"accuracy": [0.7, 0.9, 0.8, 0.6, 0.75], "auc": [0.9, 0.8, 0.7, 0.6, 0.75], "ms_1_row": [9.0, 8.0, 1.0, 20.0, 5.0],
     "ms_10000_rows": [50.0, 40.0, 90.0, 10.0, 60.0]},
    index=["a", "b", "c", "d", "e"],
)  # fmt: skip
BOY = {"Pclass": 2, "Sex": "male", "Age": 8, "SibSp": 0, "Parch": 2, "Fare": 30, "Embarked": "S"}


def exercise_1(most_accurate: Any) -> None:
    """The rule: the name of the candidate with the highest accuracy."""
    found = returned(most_accurate(RESULTS.copy()))
    kind = type(found).__name__
    assert not isinstance(found, float), f"it returns the number {found:g}, and not the name of a candidate"
    assert not isinstance(found, (int, np.integer)), "it returns a place (0, 1, 2 ...), and not the name there"
    assert isinstance(found, str), f"it returns something of the type {kind}, and not one name: return the name alone"
    assert found == "b", (
        f"of the accuracies a 0.7, b 0.9, c 0.8, d 0.6 and e 0.75 your rule chooses {found}, and the highest is b"
    )
    close = RESULTS.assign(accuracy=[0.81087, 0.81089, 0.8, 0.6, 0.75])
    found = most_accurate(close)
    assert found == "b", f"of the accuracies a 0.81087 and b 0.81089 it chooses {found}: compare them without rounding"
    turned = RESULTS.iloc[::-1]
    found = most_accurate(turned.copy())
    assert found == "b", f"in another order of the same table, it chooses {found}: it must look at the accuracy only"
    for factor in (1.1, 0.5):
        found = most_accurate(RESULTS * factor)
        assert found == "b", (
            f"of accuracies {factor} times as high, it chooses {found}: it must look for the highest, not for a number"
        )
    slow, weak = [1.0, 900.0, 2.0, 3.0, 4.0], [0.9, 0.1, 0.8, 0.7, 0.75]
    found = most_accurate(RESULTS.assign(ms_1_row=slow, ms_10000_rows=slow, auc=weak))
    assert found == "b", f"if b is slow and its auc is low, it chooses {found}: it must look at the accuracy only"


def exercise_2(boy: Any, probability: Any, model: Any) -> None:
    """The boy of 8 years: his table, and his probability of survival."""
    kind = type(boy).__name__
    assert isinstance(boy, pd.DataFrame), f"`boy` is of the type {kind}, and not a table: pd.DataFrame([...]) makes one"
    assert len(boy) == 1, f"`boy` has {len(boy)} rows, and not one"
    row = dict(boy.iloc[0])
    wrong = [name for name, value in BOY.items() if not equal(row.get(name), value)]
    assert not wrong, f"in the table of the boy, these columns are missing or different: {', '.join(wrong)}"
    found = number("probability", probability)
    dies, survives = model.predict_proba(boy)[0]
    assert not same_number(found, dies, 0.005), "that is the probability that he dies: take the other column"
    assert not same_number(found, 100 * survives, 0.5), "that is in per cent: a probability is between 0 and 1"
    assert found not in (0, 1), "that is the predicted class: for the probability, ask `predict_proba`"
    assert same_number(found, survives, 0.005), (
        f"{found:.2f} is not his probability of survival: ask `model` about `boy`"
    )
