"""The page *What this service keeps*, made from the models by which it is kept (lesson 24)."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import Request, Response
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel

from login.accounts import Account
from login.asked_log import AskedLine
from login.tokens import MINUTES, Claims
from login.waiting import WaitingRow

templates = Jinja2Templates(Path(__file__).parent / "templates")  # what is put into an .html file there is escaped


@dataclass
class Store:
    """One thing that holds something about people: why, until when, and the model of what it holds."""

    title: str
    why: str
    until: str
    model: type[BaseModel]

    def fields(self) -> dict[str, str]:
        """Each field that is kept, and what it means, as the model says it."""
        found = self.model.model_json_schema()["properties"]
        return {name: " ".join(one["description"].split()) for name, one in found.items()}


def stores(keep_days: float) -> list[Store]:
    """All of them."""
    keep = f"{keep_days:g} days"
    return [
        Store("The accounts", "To know who may ask.", "An admin removes the account.", Account),
        Store(
            "The prediction log",
            "To find out what was predicted, for whom, and by which model.",
            f"{keep}, and one more, for a file covers a day",
            AskedLine,
        ),
        Store("The predictions that wait", "To find out whether they were right.", keep, WaitingRow),
        Store("The token", "It is not kept here, but by the client.", f"{MINUTES} minutes", Claims),
    ]


def render(request: Request, keep_days: float) -> Response:
    """The page."""
    return templates.TemplateResponse(request, "kept.html", {"stores": stores(keep_days)})
