"""The checks of lesson 03."""

import inspect
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

RETURNED = ": it returns the error; it must `raise` it"


def exercise_1(require_officer: Any) -> None:
    """Admins and captains pass, all others get 403."""
    try:
        inspect.signature(require_officer).bind_partial("user")
    except TypeError:
        raise AssertionError(
            "it is no function with a parameter for the role: def require_officer(user_role: str)"
        ) from None
    for role in ("user", "guest", "admin", "captain", "cook", "cap", "", "admins", "no captain", "captain's mate"):
        right = 200 if role in ("admin", "captain") else 403
        code, result = asked(partial(require_officer, role))
        hint = RETURNED if isinstance(result, HTTPException) else ""
        assert code == right, f"whoever has the role {role!r} gets {code} and not {right}{hint}"


def asked(guard: Any, **query: Any) -> tuple[int, Any]:
    """What a request gets at a door with this guard: the status code, and what the guard returns, if it lets pass."""
    door, results = FastAPI(), []

    @door.get("/")
    def let_pass(result: Annotated[Any, Depends(guard)]) -> None:
        results.append(result)

    return TestClient(door).get("/", params=query).status_code, results[0] if results else None


def exercise_2(ship: Any) -> None:
    """GET /bridge for the first class only, guarded by a dependency."""
    assert isinstance(ship, FastAPI), "`ship` is no FastAPI app any more: write `ship = FastAPI()` above your route"
    scopes = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await ship(scope, receive, send)

    passengers = TestClient(watched, follow_redirects=False)
    for pclass, right in (1, 200), (2, 403), (3, 403):
        code = passengers.get("/bridge", params={"pclass": pclass}).status_code
        assert code != 404, "there is no route GET /bridge yet"
        hint = RETURNED if code == 200 and right == 403 and returns_the_error(scopes[-1].get("route"), pclass) else ""
        assert code == right, f"class {pclass} gets {code} and not {right}{hint}"
    # Nobody may slip past the guard with a class that no ship has, or by saying nothing. Whether that is a 422 or a 403
    # is not asked.
    for pclass in (0, 4, -1, 10, 11, 21):
        refused = passengers.get("/bridge", params={"pclass": pclass}).status_code >= 400
        assert refused, f"class {pclass} passes: only the first class may, and that is 1"
    assert passengers.get("/bridge").status_code >= 400, (
        "a request without a class passes: the dependency must refuse it"
    )
    dependant = getattr(scopes[0].get("route"), "dependant", None)
    assert dependant is None or refused_without(dependant, passengers), (
        "the route itself refuses: put that into a function of its own, which raises the error, and use Depends"
    )


def returns_the_error(route: Any, pclass: int) -> bool:
    """True if a dependency of this route returns the error for this class."""
    guards = getattr(getattr(route, "dependant", None), "dependencies", [])
    return any(isinstance(asked(guard.call, pclass=pclass)[1], HTTPException) for guard in guards)


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
