"""Make both profiles from the training data, and register them; the server must be running.

To do so without the lesson, in the folder apps: python -m titanic.drift
"""

import sys

from titanic import drift
from titanic.dataset import read_passengers
from titanic.problem import Problem

WHAT_TO_DO = {
    "down": "Start it first, in another terminal: python course.py app scouter_01_collector_app",
    "wrong password": "Set these two variables as they are set for the server.",
}


def main() -> None:
    """Make and register the profiles, or end with a sentence that says what is missing."""
    try:
        state = drift.connection()
    except Problem as error:  # a setting is not right
        sys.exit(str(error))
    if state != "up":
        sys.exit(f"{drift.reason(state)} Its address is {drift.server_uri()}. {WHAT_TO_DO[state]}")
    passengers, survived = read_passengers()
    passengers = passengers.dropna()  # the app accepts none with gaps
    try:
        drift.register(drift.psi_profile(passengers), drift.custom_profile(survived[passengers.index]))
    except (RuntimeError, OSError) as error:
        sys.exit(f"The profiles are not registered with {drift.server_uri()}: {error}")
    print(f"Two profiles of {len(passengers)} passengers are registered with {drift.server_uri()}.")


if __name__ == "__main__":
    main()
