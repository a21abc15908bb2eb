"""The screenshot of the collector's page, after passengers as in training and after others."""

import os
import tempfile
from pathlib import Path

from browser import screenshot
from playwright.sync_api import Browser
from scouter import Features, HttpConfig, ScouterClient, ScouterQueue
from sources import FOLDER

from classroom.drift import COLLECTOR
from classroom.servers import ports
from classroom.servers.app import start_app
from titanic import drift
from titanic.dataset import read_passengers


def shoot_page(browser: Browser, names: list[str]) -> None:
    """Take the page of a collector that has seen a thousand passengers of two profiles each."""
    passengers = read_passengers()[0].dropna()
    lower = passengers[passengers["Pclass"] == 3]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        own = {"COLLECTOR_DATABASE": str(Path(folder) / "collector.sqlite3")}
        own |= {name: os.environ.get(name) or "admin" for name in ("SCOUTER_USERNAME", "SCOUTER_PASSWORD")}
        app = start_app(COLLECTOR, ports.free_port(), settings=own)
        try:
            http = HttpConfig(server_uri=app.url)
            for name, people in {"survival": passengers, "third class": lower}.items():
                profile = drift.psi_profile(passengers)
                profile.update_config_args(name=name)
                ScouterClient(http).register_profile(profile, set_active=True)
                queue = ScouterQueue.from_profile({"drift": profile}, http)
                for passenger in people.sample(1000, replace=True, random_state=1).to_dict("records"):
                    queue["drift"].insert(Features({str(name): value for name, value in passenger.items()}))
                queue.shutdown()
            with screenshot(browser, FOLDER / "collector_page.png", app.url, 960, 740) as page:
                page.locator("tr").nth(15).wait_for()
        finally:
            app.stop()


GROUPS = {("collector_page",): shoot_page}
