"""The other end of the Scouter queue. New: what comes is stored before it is answered, and drift becomes an alert.

Start it, in the folder apps: uvicorn scouter_01_collector_app:app --reload --port 8090
Its lesson: notebooks/16_scouter_01_collector_app.ipynb
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from prometheus_client import CONTENT_TYPE_LATEST, disable_created_metrics, generate_latest
from starlette.exceptions import HTTPException

from collector import api, drift_metrics, intake, login, page, refusals
from collector.consumers import Consumers
from collector.dependencies import StoreDep
from collector.errors import NotFoundError, RefusedError
from collector.messages import MAX_BYTES, Message
from collector.settings import Settings
from collector.store import Store
from collector.timetable import Timetable
from titanic import app_log
from titanic.metrics_folder import make_metrics_folder
from titanic.startup_failure import ReportStartupFailure
from titanic.workers import registry

make_metrics_folder()  # for several workers; without that, it does nothing
# How many seconds Prometheus waits for an answer; it says so with each scrape.
Patience = Annotated[float, Header(alias="X-Prometheus-Scrape-Timeout-Seconds", gt=0, le=3600)]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Read the settings, open the store, listen to the brokers that the settings name, and judge by the clock."""
    app_log.configure()
    disable_created_metrics()
    intake.begin_at_zero()
    app.state.settings = Settings()
    app.state.store = Store(app.state.settings.collector_database)
    consumers, timetable = Consumers(app.state.store, app.state.settings), Timetable(app.state.store)
    yield
    timetable.stop()
    consumers.stop()
    app.state.store.close()


app = FastAPI(
    title="Collector: the other end of the Scouter queue",
    version="1.0.0",
    lifespan=lifespan,
    max_body_size=MAX_BYTES,
    exception_handlers={
        RequestValidationError: refusals.refuse_and_count,
        HTTPException: refusals.answer_and_count,
        sqlite3.OperationalError: refusals.say_what_the_file_has,
        RefusedError: api.refused,
        NotFoundError: api.not_found,
    },
)
app.add_middleware(ReportStartupFailure)
app.include_router(api.router)


@app.get("/scouter/healthcheck", responses=refusals.NOT_KEPT)
async def health_check(store: StoreDep) -> dict[str, bool]:
    """Say that the collector is there, and its file too; 503 if that cannot be read or written."""
    await asyncio.to_thread(intake.check, store)
    return {"alive": True}


@app.get("/scouter/auth/login", responses=login.LOCKED)
def log_in(token: login.NewTokenDep) -> login.Token:
    """Give a token to whoever knows the user and the password."""
    return token


@app.post(refusals.MESSAGE, dependencies=[Depends(login.require_login)], responses=login.LOCKED | refusals.NOT_KEPT)
def take_message(message: Message, store: StoreDep) -> dict[str, str]:
    """Store a message. The answer comes when all of it is on the disk."""
    outcome = intake.receive(store, message, "http")
    return {"status": "success", "message": f"Message {outcome}"}


@app.get("/", response_class=HTMLResponse, responses=refusals.NOT_KEPT)
def drift_page(request: Request, store: StoreDep) -> Response:
    """Show drift by feature."""
    with store.reading() as connection:
        return page.render(request, connection)


@app.get("/metrics", response_class=Response)
async def metrics(store: StoreDep, patience: Patience = 1) -> Response:
    """Tell Prometheus what became of the messages, and how far the passengers have drifted."""
    # In a thread of its own: those of the routes may all be waiting for the file.
    drift = await asyncio.to_thread(drift_metrics.exposition, store, patience / 2)
    return Response(generate_latest(registry()) + drift, media_type=CONTENT_TYPE_LATEST)
