"""The checks of lesson 03."""

import contextlib
import inspect
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send


def exercise_1(require_officer: Any) -> None:
    """Admins and captains pass, all others get 403."""
    for role in ("user", "guest", "admin", "captain", "cook", "cap", ""):
        right = 200 if role in ("admin", "captain") else 403
        code, hint = 200, ""
        try:
            result = require_officer(role)
            if inspect.iscoroutine(result):  # of an async def
                with contextlib.suppress(StopIteration):
                    result = result.send(None)
        except HTTPException as refusal:
            code = refusal.status_code
        else:
            hint = ": it returns the error; it must `raise` it" if isinstance(result, HTTPException) else ""
        who = f"a {role}" if role not in ("cap", "") else f"whoever has the role {role!r}"
        assert code == right, f"{who} gets {code} and not {right}{hint}"


def exercise_2(ship: Any) -> None:
    """GET /bridge for the first class only, guarded by a dependency."""
    assert isinstance(ship, FastAPI), "`ship` is no FastAPI app any more: write `ship = FastAPI()` above your route"
    scopes = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await ship(scope, receive, send)

    passengers = TestClient(watched)
    for pclass, right in (1, 200), (2, 403), (3, 403):
        code = passengers.get("/bridge", params={"pclass": pclass}).status_code
        assert code != 404, "there is no route GET /bridge yet"
        assert code == right, f"class {pclass} gets {code} and not {right}"
    # Nobody may slip past the guard with a class that no ship has, or by saying nothing. Whether that is a 422 or a 403
    # is not asked.
    for pclass in (0, 4):
        refused = passengers.get("/bridge", params={"pclass": pclass}).status_code >= 400
        assert refused, f"class {pclass} passes: only the first class may, and that is 1"
    assert passengers.get("/bridge").status_code >= 400, (
        "a request without a class passes: the dependency must refuse it"
    )
    dependant = getattr(scopes[0].get("route"), "dependant", None)
    assert dependant is None or refused_without(dependant, passengers), (
        "the route itself refuses: put that into a function of its own, which raises the error, and use Depends"
    )


def refused_without(dependant: Any, passengers: TestClient) -> bool:
    """True if the second class is also refused where the function of the route does nothing."""
    own = dependant.call

    def nothing(**values: Any) -> None:
        raise HTTPException(418)

    async def nothing_later(**values: Any) -> None:
        raise HTTPException(418)

    dependant.call = nothing_later if inspect.iscoroutinefunction(own) else nothing
    try:
        return passengers.get("/bridge", params={"pclass": 2}).status_code == 403
    finally:
        dependant.call = own
