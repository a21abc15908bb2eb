# %% 04.1 right
from pydantic import Field


class ShipHealth(BaseModel):
    """The state of a ship."""

    lifeboats: int = Field(ge=0)
    name: str
    speed_knots: float = Field(description="in nautical miles an hour")


# %% 04.1 right
from pydantic import create_model

ShipHealth = create_model("ShipHealth", name=(str, ...), speed_knots=(float, ...), lifeboats=(int, 20))


# %% 04.1 wrong: there is no field lifeboats
class ShipHealth(BaseModel):
    name: str
    speed_knots: float


# %% 04.1 wrong: 22.5 is refused as speed_knots, which must be a number with decimals
class ShipHealth(BaseModel):
    name: str
    speed_knots: int
    lifeboats: int


# %% 04.1 wrong: leave out the field captain
class ShipHealth(BaseModel):
    name: str
    speed_knots: float
    lifeboats: int
    captain: str = "Smith"


# %% 04.1 wrong: of 20, lifeboats makes 20.0: it must be a whole number
class ShipHealth(BaseModel):
    name: str
    speed_knots: float
    lifeboats: float


# %% 04.1 wrong: None passes as lifeboats, which must be a whole number
class ShipHealth(BaseModel):
    name: str
    speed_knots: float
    lifeboats: int | None


# %% 04.1 wrong: Pydantic does not know a type that stands in it: write str, float or int
class ShipHealth(BaseModel):
    name: "text"
    speed_knots: float
    lifeboats: int


# %% 04.1 wrong: because of Name (Field required): write the three fields and no more
from pydantic import Field


class ShipHealth(BaseModel):
    name: str = Field(alias="Name")
    speed_knots: float
    lifeboats: int


# %% 04.1 wrong: because of the whole (Value error, too few lifeboats): write the three fields and no more
from pydantic import model_validator


class ShipHealth(BaseModel):
    name: str
    speed_knots: float
    lifeboats: int

    @model_validator(mode="after")
    def enough(self):
        raise ValueError("too few lifeboats")


# %% 04.1 wrong: 'Carpathia' is refused as name, which must be a text
from typing import Literal


class ShipHealth(BaseModel):
    name: Literal["Titanic"]
    speed_knots: float
    lifeboats: int


# %% 04.1 wrong: 13 is refused as lifeboats, which must be a whole number
from typing import Literal


class ShipHealth(BaseModel):
    name: str
    speed_knots: float
    lifeboats: Literal[20]


# %% 04.1 wrong: `ShipHealth` is not a class that inherits from BaseModel
class ShipHealth:
    name: str
    speed_knots: float
    lifeboats: int


# %% 04.2 right
from fastapi.responses import JSONResponse


@ship.get("/health")
def health():
    return JSONResponse({"status": "sinking"}, 503) if water_in_hull else {"status": "ok"}


# %% 04.2 right
class Health(BaseModel):
    status: str


@ship.get("/health")
async def health(response: Response) -> Health:
    response.status_code = [200, 503][water_in_hull]
    return Health(status="sinking" if water_in_hull else "ok")


# %% 04.2 wrong: with water in the hull, the ship answers (503, {'detail': 'sinking'}), and not (503, {'status': 'sinking'}). An HTTPException packs its text into a `detail`
@ship.get("/health")
def health():
    if water_in_hull:
        raise HTTPException(503, "sinking")
    return {"status": "ok"}


# %% 04.2 wrong: with water in the hull, the ship answers (200, {'status': 'sinking'})
@ship.get("/health")
def health():
    return {"status": "sinking" if water_in_hull else "ok"}


# %% 04.2 wrong: dry, the ship answers (200, {'status': 'ok', 'name': 'Titanic', 'speed_knots': 22.5, 'lifeboats': 20})
@ship.get("/health")
def health(response: Response):
    response.status_code = 503 if water_in_hull else 200
    return {"status": "ok", "name": "Titanic", "speed_knots": 22.5, "lifeboats": 20}


# %% 04.2 wrong: with water in the hull, the ship answers (200, {'status': 'ok'})
status = "sinking" if water_in_hull else "ok"  # worked out once, when this cell runs


@ship.get("/health")
def health():
    return {"status": status}


# %% 04.2 wrong: your route returns None, and not what it promises behind the arrow or in response_model: is a `return`
@ship.get("/health")
def health(response: Response) -> dict[str, str]:
    if water_in_hull:
        response.status_code = 503
    {"status": "sinking" if water_in_hull else "ok"}


# %% 04.2 wrong: your route returns {'state': 'ok'}, and not what it promises behind the arrow
class Health(BaseModel):
    status: str


@ship.get("/health")
def health(response: Response) -> Health:
    response.status_code = 503 if water_in_hull else 200
    return {"state": "sinking" if water_in_hull else "ok"}


# %% 04.2 wrong: a status code is a text: write the number without quotes
@ship.get("/health")
def health(response: Response):
    response.status_code = "503" if water_in_hull else "200"
    return {"status": "sinking" if water_in_hull else "ok"}


# %% 04.2 wrong: the answer is no JSON, but the text 'ok': return a dictionary
@ship.get("/health")
def health():
    return Response("sinking" if water_in_hull else "ok")


# %% 04.2 wrong: there is no route GET /health yet
@ship.get("/healthy")
def health():
    return {"status": "ok"}
