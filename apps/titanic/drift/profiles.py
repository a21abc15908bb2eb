"""Drift profiles: how the training data are spread, and how far the passengers may differ before it is an alert."""

import pandas as pd
from scouter import (
    CustomDriftProfile,
    CustomMetric,
    CustomMetricDriftConfig,
    Drifter,
    PsiAlertConfig,
    PsiDriftConfig,
    PsiDriftProfile,
    QuantileBinning,
)
from scouter.alert import AlertThreshold, PsiChiSquareThreshold

from titanic.dataset import COLUMNS
from titanic.passenger import Passenger

SPACE, NAME, VERSION = "titanic", "survival", "0.1.0"
# Categories have no order: without this list, Scouter would sort the classes 1, 2, 3 into ranges like ages.
CATEGORICAL = ["Pclass", "Sex", "Embarked"]
# The chance that a feature raises a false alarm in one check. All seven together may do so in one check of a thousand.
ALPHA = 0.001 / len(COLUMNS)


def psi_profile(passengers: pd.DataFrame) -> PsiDriftProfile:
    """How each of the seven features is spread over these passengers, a table without gaps.

    ValueError: a category that the app accepts does not occur. Scouter would drop each batch in which it does.
    """
    for name in CATEGORICAL:
        allowed = Passenger.model_json_schema()["properties"][name]["enum"]
        if missing := sorted(set(allowed) - set(passengers[name])):
            raise ValueError(f"no passenger has {name} {missing[0]}, but the app accepts it")
    config = PsiDriftConfig(
        space=SPACE,
        name=NAME,
        version=VERSION,
        categorical_features=CATEGORICAL,
        # Not ten, the usual number. Then the fares have a limit of 7.8957999999999995, and a file keeps it as 7.8958:
        # all who paid just that would change their bin.
        binning_strategy=QuantileBinning(num_bins=8),
        alert_config=PsiAlertConfig(threshold=PsiChiSquareThreshold(alpha=ALPHA)),
    )
    return Drifter().create_drift_profile(passengers[COLUMNS], config)


def custom_profile(survived: pd.Series) -> CustomDriftProfile:
    """The share of these passengers who survived (0 or 1 each). Alert: the mean prediction is more than 0.1 off.

    The queue gets finished means, each of SIZE predictions. If Scouter's own queue made the means, it would also send
    the mean of what is left after 30 seconds, or at its end. The server could not see that it is the mean of two.
    """
    config = CustomMetricDriftConfig(space=SPACE, name=NAME, version=VERSION, sample_size=1)
    share = float(survived.mean())
    return CustomDriftProfile(config, [CustomMetric("survival_probability", share, AlertThreshold.Outside, 0.1)])
