"""The app that COURSE_APP names, as `course.py app` and the lessons serve it: its pages work without internet.

COURSE_APP=fastapi_01_test_app uvicorn --factory classroom.servers.launcher:create_app
"""

import asyncio
import gc
import importlib
import logging
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.config import STARTUP_FAILURE

from classroom.servers.folders import APPS, ROOT
from classroom.servers.offline_docs import with_offline_docs
from classroom.servers.process import END_OF_START
from titanic.metrics_folder import make_metrics_folder
from titanic.problem import Problem
from titanic.startup_failure import run_lifespan

log = logging.getLogger("uvicorn.error")


def create_app() -> "Launched":
    """The script's app; /docs and /redoc load their files from it instead of the internet.

    Problem: the script has a fault. But with COURSE_RELOAD, requests are answered with the fault until the script is
    saved again; and one of several workers reports it when it starts.
    """
    reload = bool(os.environ.get("COURSE_RELOAD"))
    gc.disable()  # importing and loading make many objects and next to no garbage: to look for it takes half a second
    try:
        app = collecting_garbage_once_it_runs(with_offline_docs(script_app(os.environ["COURSE_APP"])))
    except Problem as problem:
        if not (reload or is_a_worker()):
            raise
        return Launched(None, reload, str(problem))
    return Launched(app, reload)


def is_a_worker() -> bool:
    """True if another process of uvicorn watches this one, and puts a new one in its place when it ends."""
    return multiprocessing.parent_process() is not None


def script_app(name: str) -> FastAPI:
    """The app of this script. Problem: the script has a fault, or the folder for its metrics cannot be made."""
    try:
        make_metrics_folder()
    except SystemExit as end:  # what it says to bare uvicorn; the script would say it too
        raise Problem(str(end)) from None
    try:
        app: FastAPI = importlib.import_module(name).app
    except (Exception, SystemExit) as error:
        raise Problem(fault(error)) from error
    return app


def collecting_garbage_once_it_runs(app: FastAPI) -> FastAPI:
    """The app, with Python's garbage collector back at work as soon as it has started."""
    start_and_stop = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
        async with start_and_stop(app) as state:
            gc.enable()
            yield state

    app.router.lifespan_context = lifespan
    return app


def fault(error: BaseException) -> str:
    """What is wrong in apps/, and in which line of which file. A Problem says it by itself."""
    if isinstance(error, Problem):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    places = [(frame.filename, frame.lineno) for frame in frames if Path(frame.filename).is_relative_to(APPS)]
    what: object = error
    if isinstance(error, SyntaxError) and error.filename:
        places.append((error.filename, error.lineno))
        what = error.msg
    where = ""
    if places:
        file = Path(places[-1][0])
        where = f"{file.relative_to(ROOT).as_posix() if file.is_relative_to(ROOT) else file}, line {places[-1][1]}: "
    return f"{where}{type(error).__name__}: {what}."


class Launched:
    """An app that tells in a sentence why it does not start.

    reload: it starts again when its script is saved. Then a fault does not end it, but is told to whoever asks, with
    503. Without this, uvicorn would go on listening with nobody there to answer.
    """

    def __init__(self, app: FastAPI | None, reload: bool, fault: str = "") -> None:
        self.app, self.reload, self.fault = app, reload, fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or start and stop the app.

        Source: https://asgi.readthedocs.io/en/latest/specs/main.html
        """
        if scope["type"] == "lifespan":
            await self.live(scope, receive, send)
        elif self.app is None:
            await PlainTextResponse(self.fault, 503, {"Retry-After": "1"})(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start the app and stop it; if it does not start, say why, or be there in its place."""
        if self.app:
            error = await run_lifespan(self.app, scope, receive, send)
            if error is None:
                return
            self.app, self.fault = None, fault(error)
        else:
            await receive()
        if not self.reload:
            if is_a_worker():
                log.error("%s\n%s", self.fault, END_OF_START)
                await end_all_workers()
            await send({"type": "lifespan.startup.failed", "message": self.fault})
            return
        log.error("%s Mend it and save: then the app starts again.", self.fault)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


async def end_all_workers() -> None:
    """Let uvicorn end this worker and all others.

    It asks each one again and again whether it is alive. For one that ends by itself just then, it waits half a minute.
    """
    if sys.platform != "win32":  # which can only kill, and not ask to end
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getppid(), signal.SIGTERM)
        await asyncio.sleep(5)  # until uvicorn ends this process, unless it tried while SIGTERM was not heard yet
    os._exit(STARTUP_FAILURE)
