"""Follow the aliases of the registry while the app runs (lesson 22): a new model takes over between two requests."""

import logging
import threading
import time
from typing import Any, NamedTuple, cast

from prometheus_client import Gauge
from sklearn.pipeline import Pipeline

from titanic import aliases, store
from titanic.dataset import read_passengers
from titanic.failure import PredictionError
from titanic.metrics_folder import make_metrics_folder
from titanic.model import load
from titanic.passenger import Passenger
from titanic.prediction import survival_probabilities
from titanic.problem import Problem

make_metrics_folder()  # before the first metric is defined

log = logging.getLogger("titanic.following")
FOLLOWS = "this app takes it by itself"
NO_MODEL = f"{store.NO_CHAMPION} Run python course.py train, then {FOLLOWS}."
ANOTHER = "Let the alias point to another version, or make a new one (python course.py train, or retrain)"
AGAIN = 60  # seconds until a refused version is tried once more: its files may only have come late
TRIAL = 50  # survivors, and as many victims, on whom a new version is tried

# With several workers, each follows by itself. The gauge tells what the one that changed last has changed to.
champion_version = Gauge(
    "titanic_model_version", "The version of the champion that answers.", multiprocess_mode="livemostrecent"
)
challenger_version = Gauge(
    "titanic_challenger_version", "The version of the challenger, 0 if none.", multiprocess_mode="livemostrecent"
)
GAUGES = {"champion": champion_version, "challenger": challenger_version}


class Version(NamedTuple):
    """A version of the registry, and its model. fit: whether it has passed its trial."""

    number: int
    model: Pipeline
    fit: bool = True


def load_version(number: int) -> Version:
    """A version of the registry, loaded and not yet tried. Problem: it cannot be loaded, and why."""
    with store.problems(f"Version {number} could not be loaded", FOLLOWS, (f"Version {number}", ANOTHER)):
        return Version(number, load(f"models:/{store.MODEL_NAME}/{number}"))


def load_champion() -> Version:
    """The champion at the start: also one that is not fit, for there is no other. Problem: there is none, and why."""
    if not store.has_champion():
        raise Problem(NO_MODEL)
    with store.problems("The model could not be loaded", FOLLOWS):
        store.connect()
        number = aliases.current().get("champion")
    if number is None:
        raise Problem(NO_MODEL)
    version = load_version(number)
    champion_version.set(number)
    try:
        try_out(version)
    except Problem as problem:
        log.error("There is no other model to go on with. %s", problem)
        return version._replace(fit=False)
    return version


def known_passengers() -> tuple[list[Passenger], list[int]]:
    """Passengers of whom it is known who survived, and who did: as many survivors as victims."""
    table, survived = read_passengers()
    survived = survived[table.dropna().index]
    chosen = [*survived[survived == 1].index[:TRIAL], *survived[survived == 0].index[:TRIAL]]
    rows = table.loc[chosen].to_dict("records")
    return [Passenger.model_validate(row) for row in rows], survived[chosen].tolist()


def try_out(version: Version) -> None:
    """Let this version judge passengers whose fate is known. Problem: it fails, or a coin would be better."""
    passengers, survived = known_passengers()
    try:
        probabilities = survival_probabilities(version.model, passengers)
    except PredictionError as error:
        raise Problem(f"Version {version.number} cannot predict: {str(error)[:200]}") from error
    right = sum((p > 0.5) == bool(fate) for p, fate in zip(probabilities, survived, strict=True))
    if right < len(passengers) / 2:
        raise Problem(
            f"Version {version.number} is right for {right} of {len(passengers)} known passengers: "
            "a coin would be better, so its two answers may be exchanged."
        )


class Follower:
    """A thread that looks again and again where the aliases point: state.model and state.challenger follow.

    state: the app's. A request takes state.model once, so its answer is of one version, whatever happens meanwhile.
    """

    def __init__(self, state: Any, seconds: float) -> None:
        """seconds: the time between two looks."""
        self.state, self.seconds = state, seconds
        self.refused: dict[tuple[str, int], float] = {}  # when a version may be tried again
        self.told: dict[str, str] = {}  # what the log says already, by topic
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.work, name="follower", daemon=True)

    def work(self) -> None:
        """Look at once, then again and again, until the app ends."""
        # MLflow's client would log each failed attempt to reach its server; the follower logs the first.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
        while True:
            try:
                self.look()
            except Exception as error:  # a fault of this program must not end the thread: nobody would follow any more
                self.tell("store", f"{self.stays()} {error!r}")
            if self.over.wait(self.seconds):
                return

    def look(self) -> None:
        """Follow both aliases to where they point now. If MLflow does not tell, all stays as it is."""
        try:
            found = aliases.current()
        except Problem as problem:
            return self.tell("store", f"{self.stays()} {problem}")
        champion, challenger = found.get("champion"), found.get("challenger")
        if champion is None:
            return self.tell("store", f"No version has the alias champion. {self.stays()}")
        self.tell("store", "")
        self.follow("champion", "model", champion)
        # A champion need not be compared with itself.
        self.follow("challenger", "challenger", None if challenger == champion else challenger)

    def follow(self, alias: str, place: str, number: int | None) -> None:
        """Load this version beside the old one, and try it; only then it takes the place. Else the old one stays."""
        old: Version | None = getattr(self.state, place, None)
        if number == (old.number if old else None):
            return self.tell(alias, "")
        if number is not None and self.refused.get((alias, number), 0) > time.monotonic():
            return
        try:
            new = None if number is None else self.ready(number)
        except Problem as problem:
            self.refused[alias, number or 0] = time.monotonic() + AGAIN
            rest = "the old one stays" if old else "there is no other"
            return self.tell(alias, f"Refused as {alias}, and {rest}. {problem}")
        setattr(self.state, place, new)  # at once: no request sees half of it
        GAUGES[alias].set(number or 0)
        self.tell(alias, "")
        log.info("The %s is version %s now; before, it was %s.", alias, number, old.number if old else None)

    def ready(self, number: int) -> Version:
        """A version, loaded and tried; one that is in use as the other of the two is so already. Problem: why not."""
        for known in (getattr(self.state, "model", None), getattr(self.state, "challenger", None)):
            if known and known.number == number and known.fit:
                return cast(Version, known)
        version = load_version(number)
        try_out(version)
        return version

    def stays(self) -> str:
        """What remains when nothing can be followed, in a sentence."""
        return "The model stays as it is." if getattr(self.state, "model", None) else "There is still no model."

    def tell(self, topic: str, what: str) -> None:
        """Log this, unless it is what was last logged about this topic. what: empty when all is well again."""
        if what and what != self.told.get(topic):
            log.warning("%s", what)
        self.told[topic] = what

    def stop(self) -> None:
        """End the thread. One that waits for MLflow just now is not waited for."""
        self.over.set()
        self.thread.join(timeout=2)
