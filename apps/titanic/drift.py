"""Drift profiles of the training data, and the Scouter server that compares the passengers with them (lesson 14).

To make the profiles without the lesson, while the server runs, in the folder apps: python -m titanic.drift
"""

import os
import sys
from pathlib import Path
from typing import Literal

import pandas as pd
import requests
from fastapi import APIRouter, Request, Response
from scouter import (
    CustomDriftProfile,
    CustomMetric,
    CustomMetricDriftConfig,
    Drifter,
    HttpConfig,
    PsiAlertConfig,
    PsiDriftConfig,
    PsiDriftProfile,
    QuantileBinning,
    ScouterClient,
)
from scouter.alert import AlertThreshold, PsiChiSquareThreshold

from titanic import store
from titanic.health import NOT_LOADED, HealthResponse, model_health
from titanic.model import COLUMNS
from titanic.passenger import Passenger

SPACE, NAME, VERSION = "titanic", "survival", "0.1.0"
# Categories have no order: without this list, Scouter would sort the classes 1, 2, 3 into ranges like ages.
CATEGORICAL = ["Pclass", "Sex", "Embarked"]
# The chance that a feature raises a false alarm in one check. All seven together may do so in one check of a thousand.
ALPHA = 0.001 / len(COLUMNS)
NO_PROFILES = "Run lesson 14, or python -m titanic.drift in the folder apps, then start this app again."


def server_uri() -> str:
    """The address of Scouter's server: SCOUTER_SERVER_URI if it is set, else the collector on this machine."""
    # The client takes no slash at the end. Its own default is port 8000, where our app is.
    return (os.environ.get("SCOUTER_SERVER_URI") or "http://127.0.0.1:8090").rstrip("/")


def http_config() -> HttpConfig:
    """How to reach the server; the client reads SCOUTER_USERNAME and SCOUTER_PASSWORD (else admin, admin) itself."""
    return HttpConfig(server_uri=server_uri())


def server_is_up() -> bool:
    """True if the server says within two seconds that it is alive."""
    try:
        return requests.get(f"{server_uri()}/scouter/healthcheck", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def profile_paths() -> dict[str, Path]:
    """Where the profiles are kept, by the name of their queue: beside the store of the model that they describe."""
    folder = (store.database() or store.STORE / "mlflow.db").parent / "drift"
    return {"psi": folder / "psi.json", "custom": folder / "custom.json"}


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
        # Not ten, the usual number: the limit 7.8957999999999995 of the fares would come back from the file as 7.8958,
        # and all who paid just that would change their bin.
        binning_strategy=QuantileBinning(num_bins=8),
        alert_config=PsiAlertConfig(threshold=PsiChiSquareThreshold(alpha=ALPHA)),
    )
    return Drifter().create_drift_profile(passengers[COLUMNS], config)


def custom_profile(survived: pd.Series) -> CustomDriftProfile:
    """The share of these passengers who survived (0 or 1 each); alert: the mean prediction is more than 0.1 off."""
    # A message for each 100 predictions; the client's own choice is 25.
    config = CustomMetricDriftConfig(space=SPACE, name=NAME, version=VERSION, sample_size=100)
    share = float(survived.mean())
    return CustomDriftProfile(config, [CustomMetric("survival_probability", share, AlertThreshold.Outside, 0.1)])


def register(psi: PsiDriftProfile, custom: CustomDriftProfile) -> None:
    """Tell the server these profiles, then save them for the app. RuntimeError: no server, or a wrong password."""
    client = ScouterClient(http_config())
    for profile, path in zip([psi, custom], profile_paths().values(), strict=True):
        client.register_profile(profile, set_active=True, deactivate_others=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        profile.save_to_json(path)  # after registering: only now it carries the number that the server gave it


health = APIRouter()


class DriftHealth(HealthResponse):
    """The state of the service, and of the server that watches its passengers for drift."""

    scouter: Literal["up", "down"] = "up"


@health.get("/health", responses=NOT_LOADED)
def health_check(request: Request, response: Response) -> DriftHealth:
    """Answer 200 if the model is loaded, else 503. A Scouter that is down is told, but is no reason for a 503."""
    scouter = "up" if request.app.state.server_up else "down"
    return DriftHealth(**model_health(request, response).model_dump(), scouter=scouter)


def main() -> None:
    """Make both profiles from the training data, and register them."""
    from mlflow_00_train_model import read_passengers  # here and not above: no app needs it, and it takes two seconds

    passengers, survived = read_passengers()
    passengers = passengers.dropna()  # the app accepts none with gaps
    try:
        register(psi_profile(passengers), custom_profile(survived[passengers.index]))
    except RuntimeError as error:
        sys.exit(f"No Scouter server took the profiles at {server_uri()}: {error}. Start the collector first, "
                 "in another terminal: python course.py app scouter_01_collector_app")  # fmt: skip
    print(f"Two profiles of {len(passengers)} passengers are registered with {server_uri()}.")


if __name__ == "__main__":
    main()
