"""A Chromium without a window, told what to do over its DevTools protocol.

Protocol: https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import websocket  # Jupyter brings it
from PIL import Image  # Matplotlib brings it

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


class Browser:
    """A connection to one page of a running Chromium."""

    def __init__(self, url: str) -> None:
        self.connection = websocket.create_connection(url, timeout=60, suppress_origin=True)
        self.numbers = itertools.count(1)

    def send(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send one command of the protocol and return its result."""
        number = next(self.numbers)
        self.connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (answer := json.loads(self.connection.recv())).get("id") != number:
            pass  # an event that nobody asked for
        return answer["result"]

    def wait_for(self, expression: str, seconds: float = 60) -> None:
        """Return when this JavaScript expression is true; TimeoutError if it is not in time."""
        deadline = time.monotonic() + seconds
        while not self.send("Runtime.evaluate", expression=f"Boolean({expression})")["result"].get("value"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"The page did not come to {expression} in {seconds:.0f} seconds.")
            time.sleep(0.2)

    def take(self, file: Path, url: str, steps: list[str], width: int, height: int) -> None:
        """Open this address, wait until each of these JavaScript expressions was true, save what is seen as PNG.

        width, height: of the page. The picture is always 1280 wide: the narrower the page, the larger its text.
        """
        size = {"width": width, "height": height, "deviceScaleFactor": 1280 / width}
        self.send("Emulation.setDeviceMetricsOverride", **size, mobile=False)
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=url)
        for step in steps:
            self.wait_for(step)
        time.sleep(1)  # for what still moves or fades in
        file.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))
        make_small(file)


def make_small(file: Path) -> None:
    """Write a PNG file with 256 colours instead of millions: pages of text look the same, in a third of the bytes."""
    with Image.open(file) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(file, optimize=True)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start Chromium, and stop it at the end. SystemExit, with one sentence, if this machine has none."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        sys.exit("The screenshots need Chromium or Chrome, and none was found. Install it, then call this again.")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *QUIET, f"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield Browser(page_address(Path(profile) / "DevToolsActivePort"))
        finally:
            process.terminate()
            process.wait(timeout=20)


def page_address(file: Path, seconds: float = 30) -> str:
    """The address of the one open page; Chromium writes its port into this file when it is ready."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if file.exists() and (port := file.read_text().partition("\n")[0]):
            pages = requests.get(f"http://127.0.0.1:{port}/json", timeout=10).json()
            return next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
        time.sleep(0.1)
    raise TimeoutError(f"Chromium was not ready within {seconds:.0f} seconds.")
