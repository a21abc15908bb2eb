"""Take the alerts that Alertmanager sends, and show what fires. New: the last part of the way from metric to person.

Start it, in the folder apps: uvicorn prometheus_06_alert_app:app --reload --port 8010
Its lesson: notebooks/23_prometheus_06_alert_app.ipynb
"""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from alerting import page
from alerting.alertmanager import Alertmanager, Away
from alerting.messages import KnownAlert, Message
from alerting.settings import Settings
from alerting.store import SILENCE, AlertStore
from alerting.watch import Watch
from titanic import app_log
from titanic.errors import refuse
from titanic.startup_failure import ReportStartupFailure

log = logging.getLogger("alerting")
NOT_KEPT = "The file of the alerts cannot be used now: {}. Send this again later."
UNAVAILABLE: dict[int | str, dict[str, Any]] = {503: {"description": "The file of the alerts cannot be used"}}
REFUSED = UNAVAILABLE | {400: {"description": "It cannot be read"}, 413: {"description": "It is larger than 10 MB"}}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the file of the alerts, and watch for what no message tells."""
    app_log.configure()
    settings = Settings()
    app.state.store = AlertStore(settings.alert_database)
    app.state.alertmanager = Alertmanager(settings.alertmanager)
    watch = asyncio.create_task(Watch(app.state.store, app.state.alertmanager, settings.watchdog_seconds).run())
    yield
    watch.cancel()
    with suppress(asyncio.CancelledError):
        await watch
    app.state.store.close()


async def say_what_the_file_has(request: Request, error: sqlite3.Error) -> Response:
    """Answer 503: then Alertmanager soon tries again. After one from 400 to 499, it would wait for group_interval."""
    log.error(NOT_KEPT.format(error))
    return JSONResponse({"detail": NOT_KEPT.format(error)}, status_code=503)


app = FastAPI(
    title="Alerts: what fires now, and what to do",
    version="1.0.0",
    lifespan=lifespan,
    max_body_size=10_000_000,
    exception_handlers={RequestValidationError: refuse, sqlite3.Error: say_what_the_file_has},
)
app.add_middleware(ReportStartupFailure)


@app.post("/alerts", responses=REFUSED)
def take_alerts(message: Message) -> dict[str, int]:
    """Keep each alert of a message once, however often it is told. The answer comes when all of it is on the disk."""
    app.state.store.take(message.alerts, datetime.now(UTC))
    return {"alerts": len(message.alerts)}


@app.get("/alerts", responses=UNAVAILABLE)
def firing_alerts() -> list[KnownAlert]:
    """Tell what fires now, the newest first."""
    firing: list[KnownAlert] = app.state.store.firing()
    return firing


@app.get("/", response_class=HTMLResponse, responses=UNAVAILABLE)
def alert_page(request: Request) -> Response:
    """Show what fires now, since when, and what to do."""
    return page.render(request, app.state.store)


@app.post(
    "/alerts/{fingerprint}/silence",
    response_class=RedirectResponse,
    status_code=303,
    responses=UNAVAILABLE | {403: {"description": "Sent by another page"}, 404: {"description": "It does not fire"}},
)
def silence_alert(fingerprint: Annotated[str, Path(max_length=100)], request: Request) -> Response:
    """Let Alertmanager say nothing about this alert for an hour; then show the page again."""
    if not page.comes_from_this_page(request):
        raise HTTPException(403, "Only the page of the alerts itself may do that.")
    alert = next((one for one in app.state.store.firing() if one.fingerprint == fingerprint), None)
    if alert is None:
        raise HTTPException(404, "This alert does not fire any more: look at the page again.")
    try:
        until = app.state.alertmanager.silence(alert, SILENCE)
    except Away as problem:
        return page.render(request, app.state.store, str(problem), 503)
    app.state.store.silence(fingerprint, until)
    return RedirectResponse(page.home(request), 303)
