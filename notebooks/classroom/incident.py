"""An incident, to be read from the dashboard alone (lesson 13). Whoever reads on knows how it ends."""

import contextlib
import io
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from classroom.prometheus import wait_for_scrape
from classroom.servers.app import App, start_app
from classroom.traffic import send_traffic
from classroom.wrong_model import store_with_wrong_model
from titanic.passenger import EXAMPLES


def let_it_happen(app: App) -> tuple[App, float]:
    """Let something happen to the app, and say nothing; return the app as it runs afterwards, and the minutes it took.

    A picture of so many minutes shows all of it, however slow the machine is.
    """
    print("Something happens. It takes up to a minute ...", flush=True)
    with contextlib.redirect_stdout(io.StringIO()):
        if ask(app) == 500:
            app = start_app(app.name)  # it has happened before, and left the wrong model
            wait_for_scrape()
        start = time.monotonic()
        with ThreadPoolExecutor() as pool:
            store = pool.submit(store_with_wrong_model)
            send_traffic(app.url, "calm", 3)
            send_traffic(app.url, "rush", 4)
        app = start_app(app.name, tracking_uri=store.result())  # a new version with the wrong model; DOWN meanwhile
        ask(app)  # its first answer takes long; that is no part of the riddle
        send_traffic(app.url, "calm", 12)
        wait_for_scrape()
    print("It is over. The dashboard knows what it was.")
    return app, (time.monotonic() - start) / 60


def ask(app: App) -> int:
    """The status of one answer."""
    return requests.post(f"{app.url}/predict_single", json=EXAMPLES[0], timeout=10).status_code
