"""The checks of lesson 04."""

from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, PydanticUserError, ValidationError

from classroom.checks import json_of

SHIP = {"name": "Titanic", "speed_knots": 22.5, "lifeboats": 20}
OTHER = {"name": "Carpathia", "speed_knots": 17.5, "lifeboats": 13}
WORDS = {"name": "a text", "speed_knots": "a number with decimals", "lifeboats": "a whole number"}


def exercise_1(ShipHealth: Any) -> None:
    """A response model with three fields."""
    right = isinstance(ShipHealth, type) and issubclass(ShipHealth, BaseModel)
    assert right, "`ShipHealth` is not a class that inherits from BaseModel"
    fields = set(ShipHealth.model_fields)
    assert fields, "it has no fields yet: write a line with a name and a type for each"
    assert not set(SHIP) - fields, f"there is no field {', '.join(sorted(set(SHIP) - fields))}: add it"
    assert not fields - set(SHIP), f"leave out the field {', '.join(sorted(fields - set(SHIP)))}: three are enough"
    for ship in (SHIP, OTHER):
        filled = fill(ShipHealth, ship)
        for name, value in ship.items():
            found = getattr(filled, name)
            assert type(found) is type(value), f"of {value!r}, {name} makes {found!r}: it must be {WORDS[name]}"
    for name, value in (
        ("name", 5),
        ("speed_knots", "fast"),
        ("lifeboats", 20.5),
        ("lifeboats", "many"),
        *((name, None) for name in SHIP),
    ):
        try:
            ShipHealth(**SHIP | {name: value})
        except ValidationError:
            continue
        raise AssertionError(f"{value!r} passes as {name}, which must be {WORDS[name]}")


def fill(ShipHealth: type[BaseModel], ship: dict[str, Any]) -> BaseModel:
    """The class of the learner, filled with this ship. AssertionError: it refuses the ship, and why."""
    try:
        return ShipHealth(**ship)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else ""  # of a rule for the whole class, there is none
        assert name in ship, (
            f"it refuses {ship}, because of {name or 'the whole'} ({first['msg']}): write the three fields and no more"
        )
        raise AssertionError(f"{ship[name]!r} is refused as {name}, which must be {WORDS[name]}") from None
    except PydanticUserError:  # name: "text" is the name of a class that nobody has made
        raise AssertionError("Pydantic does not know a type that stands in it: write str, float or int") from None


def exercise_2(ship: Any, water_in_hull: Any, notebook: dict[str, Any]) -> None:
    """GET /health of a ship, dry and with water in the hull."""
    assert isinstance(ship, FastAPI), "`ship` is no FastAPI app any more: write `ship = FastAPI()` above your route"
    for state, right in (False, (200, {"status": "ok"})), (True, (503, {"status": "sinking"})):
        notebook["water_in_hull"] = state
        try:
            response = TestClient(ship, follow_redirects=False).get("/health")
        finally:
            notebook["water_in_hull"] = water_in_hull
        assert response.status_code != 404, "there is no route GET /health yet"
        found = response.status_code, json_of(response)
        when = "with water in the hull" if state else "dry"
        hints = {
            503: ". An HTTPException packs its text into a `detail`: set the code with a Response parameter",
            422: ". A parameter without a type is taken from the query: write `response: Response`",
        }
        hint = hints.get(found[0], "") if isinstance(found[1], dict) and "detail" in found[1] else ""
        assert found == right, f"{when}, the ship answers {found}, and not {right}{hint}"
