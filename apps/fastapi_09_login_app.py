"""Lock the doors. New: people log in, machines have a key, all have limits, and what is kept of them can be erased.

Start it, in the folder apps: uvicorn fastapi_09_login_app:app --reload
It needs LOGIN_SECRET and LOGIN_TRACE_KEY, and accounts: python course.py user NAME. Or let
python course.py app fastapi_09_login_app make all of that, for a try.
Its lesson: notebooks/24_fastapi_09_login_app.ipynb
"""

import asyncio
import sqlite3
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.security import OAuth2PasswordRequestForm

from login import access_log, erasing, keeping, kept_page, passwords, tokens
from login.door import Door
from login.guards import ADMINS_ONLY, CHALLENGE, REFUSALS, Caller, CallerDep, LockedRoute, caller, require_admin
from titanic import golden_signals, routes
from titanic.answers import BatchResponse, Prediction, batch_answer, single_answer
from titanic.app_frame import frame
from titanic.model import ModelDep
from titanic.model import lifespan as model_lifespan
from titanic.model_metrics import predict_and_count
from titanic.outcome_route import take_outcomes
from titanic.passenger import Passenger, PassengerBatch

WRONG = "Wrong user or password."  # the same for both: who guesses must not learn which names there are
NOT_ERASED = "The outcomes cannot be erased now, and the log is as it was. Try again later."


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Refuse to start without secrets; then load the model, open what is kept, and delete what is old."""
    app.state.door = Door()
    access_log.hide_queries()
    async with model_lifespan(app), keeping.lifespan(app):
        yield


app = frame("Titanic Predictor API: locked doors", lifespan)
golden_signals.add_to(app)  # /metrics is open, and so is /health: those who watch have no account
app.include_router(routes.basics)
locked = APIRouter(route_class=LockedRoute, dependencies=[Depends(caller)], responses=REFUSALS)
locked.add_api_route("/outcomes", take_outcomes, methods=["POST"])


@app.post("/token", max_body_size=10_000, responses=REFUSALS)
async def log_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], request: Request, response: Response
) -> tokens.Token:
    """Give a token to whoever knows a name and its password."""
    door: Door = app.state.door
    address = request.client.host if request.client else "unknown"
    async with door.one_guess():
        door.rates.check_guesses(form.username, address)
        account = door.accounts.now().get(form.username)
        kept = account.password_hash if account else None
        if not await asyncio.to_thread(passwords.fits, form.password, kept):
            door.rates.count_wrong(form.username, address)
            raise HTTPException(401, WRONG, CHALLENGE)
    response.headers["Cache-Control"] = "no-store"
    return tokens.Token(access_token=tokens.make(form.username, door.secret))


def note(who: Caller, probabilities: Sequence[float]) -> dict[str, str]:
    """Keep these predictions; the header with the id of the request: `-0`, `-1` ... behind it make their ids."""
    request_id = uuid.uuid4().hex
    app.state.pending.note(request_id, probabilities)  # first: whoever finds a line to erase finds this, too
    app.state.log.note(who.name, request_id, probabilities)
    return {"X-Request-Id": request_id}


@locked.post("/predict_single")
def predict_survival(passenger: Passenger, model: ModelDep, who: CallerDep, response: Response) -> Prediction:
    """Predict whether one passenger survives."""
    (probability,) = predict_and_count("single", model, [passenger])
    response.headers.update(note(who, [probability]))
    return single_answer(probability)


@locked.post("/predict_batch", response_model=BatchResponse)
def predict_survival_batch(passengers: PassengerBatch, model: ModelDep, who: CallerDep) -> JSONResponse:
    """Predict for each passenger of a list; one call of the model for all of them."""
    probabilities = predict_and_count("batch", model, passengers.root)
    answer = batch_answer(probabilities)
    answer.headers.update(note(who, probabilities))
    return answer


@locked.get("/admin", dependencies=[Depends(require_admin)], responses=ADMINS_ONLY)
async def who_asked() -> dict[str, int]:
    """For how many passengers each account has asked since the start."""
    return {name: app.state.log.asked[name] for name in app.state.door.accounts.now()}


@locked.post("/erase", dependencies=[Depends(require_admin)], responses=ADMINS_ONLY)
def erase(person: erasing.Person) -> erasing.Erased:
    """Erase what is kept of somebody, in the log and in the outcomes; the account itself stays."""
    try:
        return erasing.erase(person.name, app.state.log, app.state.pending)
    except sqlite3.Error as error:
        raise HTTPException(503, NOT_ERASED) from error


@app.get("/kept", response_class=HTMLResponse)
def what_is_kept(request: Request) -> Response:
    """Tell everybody what this service keeps, why, and how long."""
    return kept_page.render(request, keeping.days())


app.include_router(locked)
