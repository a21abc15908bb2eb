"""The page of alerts, for people. Its text is in templates/alerts.html."""

from datetime import UTC, datetime
from pathlib import Path

from fastapi import Request, Response
from fastapi.templating import Jinja2Templates

from alerting.store import AlertStore
from alerting.watch import SILENT

templates = Jinja2Templates(Path(__file__).parent / "templates")  # what is put into an .html file there is escaped


def render(request: Request, store: AlertStore, said: str = "", status: int = 200) -> Response:
    """The page. said: a sentence at its top, about what the button could not do; status: of the answer."""
    firing = store.firing()
    shown = {"firing": firing, "over": store.over(10), "now": datetime.now(UTC), "own": SILENT, "said": said}
    shown["home"] = home(request)
    return templates.TemplateResponse(request, "alerts.html", shown, status)


def home(request: Request) -> str:
    """The path of the page, as a browser asks for it: with what a proxy in front of the app puts before each path."""
    return f"{str(request.scope.get('root_path', '')).rstrip('/')}/"


def comes_from_this_page(request: Request) -> bool:
    """False if a page of another address sends this. A browser says in Origin which page it is; curl says nothing."""
    origin = request.headers.get("origin")
    return origin is None or origin == f"{request.url.scheme}://{request.headers.get('host')}"
