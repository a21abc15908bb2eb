"""A Chromium without a window, driven by Playwright. The screenshots are taken in it, and the tests use the course."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image  # Matplotlib brings it
from playwright.sync_api import Browser, Error, Page, sync_playwright

from titanic.problem import Problem

OPTIONS = [
    "--disable-gpu",
    # No host but this machine is found, so what is drawn is what a learner without internet sees.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--no-proxy-server",
]


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A Chromium or Chrome of this machine, as long as it is needed. Problem: it has none."""
    chromium = shutil.which("chromium")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=chromium, channel=None if chromium else "chrome", args=OPTIONS
            )
        except Error as error:
            if "is not found" not in error.message:
                raise
            raise Problem("There is no Chromium or Chrome on this machine. Install it, then call this again.") from None
        with browser:
            yield browser


@contextmanager
def screenshot(browser: Browser, file: Path, url: str, width: int, height: int) -> Iterator[Page]:
    """Open this address; after the with block, which makes the page ready, save what is seen as PNG.

    width, height: of the page. The picture is always 1280 wide: the narrower the page, the larger its text.
    """
    with browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=1280 / width) as page:
        page.goto(url)
        yield page
        page.mouse.move(0, 0)  # what lies under the pointer looks different
        page.wait_for_timeout(1000)  # milliseconds, for what still moves or fades in
        page.screenshot(path=file)
    make_small(file)


def make_small(file: Path) -> None:
    """Write a PNG file with 256 colours instead of millions: pages of text look the same, in a third of the bytes."""
    with Image.open(file) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(file, optimize=True)
