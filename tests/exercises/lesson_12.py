# %% 12.1 right
address = "/simulate_predictions?seed=5&num_executions=30"

# %% 12.1 right
from urllib.parse import urlencode

address = "/simulate_predictions?" + urlencode({"num_executions": 30, "seed": 5})

# %% 12.1 wrong: it asks for 10 passengers, and not for 30: the parameter is num_executions
address = "/simulate_predictions?executions=30&seed=5"

# %% 12.1 wrong: it asks for 30 passengers, but not for those of the seed 5
address = "/simulate_predictions?num_executions=30"

# %% 12.1 wrong: it is a whole address: leave out http://
address = "http://127.0.0.1:8000/simulate_predictions?num_executions=30&seed=5"

# %% 12.1 wrong: the app answers 422
address = "/simulate_predictions?num_executions=30?seed=5"

# %% 12.1 wrong: its path is '/simulate_prediction', and not '/simulate_predictions'
address = "/simulate_prediction?num_executions=30&seed=5"

# %% 12.1 wrong: there is no query: it begins with a ? after the path
address = "/simulate_predictions"

# %% 12.2 right
from pydantic import BaseModel


class Ages(BaseModel):
    youngest: int
    limit: int


@mine.get("/ages")
async def ages(youngest: int = Query(ge=0, lt=100), limit: int = Query(5, gt=0, le=50)) -> Ages:
    return Ages(youngest=youngest, limit=limit)


# %% 12.2 right
class Wanted(BaseModel := __import__("pydantic").BaseModel):
    youngest: Annotated[int, Query(ge=0, le=99)]
    limit: Annotated[int, Query(ge=1, le=50)] = 5


@mine.get("/ages")
def ages(wanted: Annotated[Wanted, Query()]):
    return wanted


# %% 12.2 wrong: GET /ages?youngest=3&limit=2.5 is answered, but it must be refused
@mine.get("/ages")
def ages(youngest: Annotated[int, Query(ge=0, le=99)], limit: Annotated[float, Query(ge=1, le=50)] = 5):
    return {"youngest": youngest, "limit": limit}


# %% 12.2 wrong: GET /ages?youngest=3 is refused with 422, limit: Field required
@mine.get("/ages")
def ages(youngest: Annotated[int, Query(ge=0, le=99)], limit: Annotated[int, Query(ge=1, le=50)]):
    return {"youngest": youngest, "limit": limit}


# %% 12.2 wrong: youngest has a default: it must not have one
@mine.get("/ages")
def ages(youngest: Annotated[int, Query(ge=0, le=99)] = 0, limit: Annotated[int, Query(ge=1, le=50)] = 5):
    return {"youngest": youngest, "limit": limit}


# %% 12.2 wrong: GET /ages?youngest=100 is answered, but it must be refused
@mine.get("/ages")
def ages(youngest: Annotated[int, Query(ge=0, le=100)], limit: Annotated[int, Query(ge=1, le=50)] = 5):
    return {"youngest": youngest, "limit": limit}


# %% 12.2 wrong: GET /ages?youngest=3 returns {'youngest': 3}, and not {'youngest': 3, 'limit': 5}
@mine.get("/ages")
def ages(youngest: Annotated[int, Query(ge=0, le=99)], limit: Annotated[int, Query(ge=1, le=50)] = 5):
    return {"youngest": youngest}
