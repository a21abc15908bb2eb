"""Change the model while passengers come aboard. New: the app follows the alias, and a challenger runs beside.

Start it, in the folder apps: uvicorn fastapi_08_shadow_app:app --reload
Its lesson: notebooks/22_fastapi_08_shadow_app.ipynb
"""

import hashlib
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from titanic import basic_routes, golden_signals, overload
from titanic.answers import BatchResponse, Prediction, batch_answer, single_answer
from titanic.app_frame import frame
from titanic.failure import PredictionError
from titanic.following import Follower, Version, load_champion
from titanic.health import NOT_LOADED, HealthResponse, model_health
from titanic.loading import loaded, require_model
from titanic.model_metrics import predict_and_count
from titanic.passenger import Passenger, PassengerBatch
from titanic.settings import Settings
from titanic.shadow import Shadow, counted


class VersionedHealth(HealthResponse):
    """The state of the service, with the version of the champion that answers."""

    model_version: int | None = None


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the champion; then follow the aliases in one thread, and let the challenger predict in another."""
    settings = Settings()
    app.state.canary_share = settings.canary_share
    app.state.room = threading.Semaphore(overload.threads() // 2)  # for canaries: a slow one must not hold all threads
    async with loaded(app, load_champion):
        app.state.follower = Follower(app.state, settings.model_poll_seconds)
        app.state.shadow = Shadow(app.state)
        app.state.follower.thread.start()
        app.state.shadow.thread.start()
        yield
        app.state.follower.stop()
        app.state.shadow.stop()


app = frame("Titanic Predictor API: a change of engine at sea", lifespan)
app.state.model = app.state.challenger = None  # until they are loaded
golden_signals.add_to(app)
app.add_api_route("/", basic_routes.root)
ChampionDep = Annotated[Version, Depends(require_model)]


def is_chosen(body: bytes, share: float) -> bool:
    """Whether this request is one of the share, 0 to 1, that the challenger answers: the same request always is."""
    number = int.from_bytes(hashlib.sha256(body).digest()[:8])  # as good as drawn by lot, from 0 to 2**64
    return number < share * 2**64


async def choose(request: Request) -> Version | None:
    """The challenger, if it is to answer this request."""
    challenger: Version | None = app.state.challenger
    share: float = app.state.canary_share
    return challenger if challenger and share and is_chosen(await request.body(), share) else None


CanaryDep = Annotated[Version | None, Depends(choose)]


def predict(
    kind: str, passengers: Sequence[Passenger], champion: Version, canary: Version | None
) -> tuple[list[float], dict[str, str]]:
    """The probabilities, and a header that names the version which they are of. PredictionError: the champion fails.

    Passengers whom the champion has answered also go into the shadow's queue. If a canary fails, or if canaries are at
    work in half of the threads already, the champion answers.
    """
    if canary and not app.state.room.acquire(blocking=False):
        counted["dropped"].inc(len(passengers))
    elif canary:
        try:
            return predict_and_count(kind, canary.model, passengers), {"X-Model-Version": str(canary.number)}
        except PredictionError as error:
            app.state.shadow.fail(canary, error, len(passengers))
        finally:
            app.state.room.release()
    probabilities = predict_and_count(kind, champion.model, passengers)
    if app.state.challenger and not canary:
        app.state.shadow.add(passengers, probabilities)
    return probabilities, {"X-Model-Version": str(champion.number)}


@app.get("/health", responses=NOT_LOADED)
async def health_check(request: Request, response: Response) -> VersionedHealth:
    """Answer 200 if there is a champion, and it is fit; else 503."""
    health, champion = model_health(request, response), app.state.model
    if champion and not champion.fit:
        response.status_code, health.status = 503, "model not fit"
    return VersionedHealth(**health.model_dump(), model_version=champion.number if champion else None)


@app.post("/predict_single")
def predict_survival(passenger: Passenger, champion: ChampionDep, canary: CanaryDep, response: Response) -> Prediction:
    """Predict whether one passenger survives."""
    (probability,), version = predict("single", [passenger], champion, canary)
    response.headers.update(version)
    return single_answer(probability)


@app.post("/predict_batch", response_model=BatchResponse)
def predict_survival_batch(passengers: PassengerBatch, champion: ChampionDep, canary: CanaryDep) -> JSONResponse:
    """Predict for each passenger of a list; one call of the model for all of them."""
    probabilities, version = predict("batch", passengers.root, champion, canary)
    answer = batch_answer(probabilities)
    answer.headers.update(version)
    return answer
