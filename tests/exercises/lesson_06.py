# %% 06.1 right
class DeckTicket(BaseModel):
    deck: str = Field(pattern="^[A-G]$")
    number: int = Field(gt=0, lt=1_000_000)
    model_config = ConfigDict(extra="forbid", strict=True)


# %% 06.1 right
from enum import Enum

from pydantic import PositiveInt

Deck = Enum("Deck", {letter: letter for letter in "ABCDEFG"})


class DeckTicket(BaseModel, extra="forbid"):
    number: Annotated[PositiveInt, Field(le=999_999)]
    deck: Deck


# %% 06.1 wrong: a ticket without a number passes
class DeckTicket(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: Annotated[int, Field(ge=1, le=999_999)] = 1
    deck: Literal["A", "B", "C", "D", "E", "F", "G"]


# %% 06.1 wrong: an unknown field passes
class DeckTicket(BaseModel):
    number: Annotated[int, Field(ge=1, le=999_999)]
    deck: Literal["A", "B", "C", "D", "E", "F", "G"]


# %% 06.1 wrong: the ticket 999999 of deck G is refused
class DeckTicket(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: Annotated[int, Field(gt=0, lt=999_999)]
    deck: Literal["A", "B", "C", "D", "E", "F", "G"]


# %% 06.1 wrong: the deck 'AH' passes
class DeckTicket(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: Annotated[int, Field(ge=1, le=999_999)]
    deck: Annotated[str, Field(pattern="^[A-G]")]


# %% 06.1 wrong: the deck 'AB' passes: only one of the letters A to G may
class DeckTicket(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: Annotated[int, Field(ge=1, le=999_999)]
    deck: Annotated[str, Field(pattern="^[A-G]+$")]


# %% 06.1 wrong: the number 1.5 passes
class DeckTicket(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: Annotated[float, Field(ge=1, le=999_999)]
    deck: Literal["A", "B", "C", "D", "E", "F", "G"]


# %% 06.1 wrong: the ticket 42 of deck B is refused
class DeckTicket(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: Annotated[int, Field(ge=1, le=999_999)]
    deck: Literal["A", "BC", "D", "E", "F", "G"]


# %% 06.1 wrong: the ticket 42 of deck F is refused
class DeckTicket(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: Annotated[int, Field(ge=1, le=999_999)]
    deck: Literal["A", "B", "C", "D", "E", "G"]


# %% 06.1 wrong: the ticket 42 of deck B is refused
class DeckTicket(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: Annotated[int, Field(ge=1, le=999_999)]
    deck: Annotated[str, Field(pattern="^[ADG]$")]


# %% 06.1 wrong: the deck 'BC' passes: only one of the letters A to G may
class DeckTicket(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: Annotated[int, Field(ge=1, le=999_999)]
    deck: Literal["A", "B", "BC", "C", "D", "E", "F", "G"]


# %% 06.1 wrong: words that may be chosen belong into Literal[...]
class DeckTicket(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: Annotated[int, Field(ge=1, le=999_999)]
    deck: "A" or "B"


# %% 06.2 wrong: `wrong` is None: `send` only prints
wrong = send(Age=-1)

# %% 06.2 right
wrong = dict(passenger)
for name in ("Sex", "Age", "Fare"):
    wrong.pop(name)

# %% 06.2 right
wrong = passenger | {"Pclass": 4, "Cabin": "C85", "Name": "Rose"}

# %% 06.2 wrong: the app names 2 reasons and not three, in the fields Age, Fare
wrong = passenger | {"Age": 150, "Fare": -1}

# %% 06.2 wrong: the app names 1 reason and not three, in the field Age.
wrong = passenger | {"Age": 150}


# %% 06.2 wrong: the app does not refuse this passenger: it answers 200
wrong = passenger | {"Pclass": 3}

# %% 06.2 wrong: the app names 7 reasons and not three
wrong = {}

# %% 06.2 wrong: `wrong` is of the type list, and not a dictionary
wrong = [passenger | {"Age": 150, "Fare": -1, "Embarked": "Q2"}]

# %% 06.2 wrong: `wrong` cannot be sent as JSON (Out of range float values are not JSON compliant
wrong = passenger | {"Age": float("nan"), "Fare": -1, "Embarked": "Q2"}

# %% 06.3 right
youngest = 2 / 12
accepted = True

# %% 06.3 right
youngest = round(min(read_passengers()[0].Age.dropna()), 2)
accepted = (read_passengers()[0].Age.dropna() > 0).all()

# %% 06.3 wrong: that is the age in months: the data set counts in years
youngest = 2
accepted = True

# %% 06.3 wrong: `youngest` is a text
youngest = "0.1667"
accepted = True

# %% 06.3 wrong: `youngest` is not a number but of the type Series. Take the one number out of it
youngest = read_passengers()[0]["Age"].nsmallest(1)
accepted = True

# %% 06.3 wrong: somebody aboard was younger than 1 years
youngest = 1
accepted = True

# %% 06.3 wrong: the app does accept this age
youngest = 0.17
accepted = False

# %% 06.3 wrong: nobody aboard was as young as 0 years
youngest = 0
accepted = True

# %% 06.3 wrong: nan is not a number: some ages are missing; use `.min()` of the column
youngest = read_passengers()[0]["Age"].to_numpy().min()
accepted = True
