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

# %% 12.1 wrong: num_executions: Input should be a valid integer, unable to parse string as an integer; & stands between
address = "/simulate_predictions?num_executions=30?seed=5"

# %% 12.1 wrong: the app answers 422, seed: Input should be a valid integer, unable to parse string as an integer.
address = "/simulate_predictions?num_executions=30&seed=five"

# %% 12.1 wrong: the app answers 422, num_executions: Input should be less than or equal to 100.
address = "/simulate_predictions?num_executions=3000&seed=5"

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


# %% 12.2 wrong: GET /ages?youngest=3 answers 307: the path of the route is not /ages
@mine.get("/ages/")
def ages(youngest: Annotated[int, Query(ge=0, le=99)], limit: Annotated[int, Query(ge=1, le=50)] = 5):
    return {"youngest": youngest, "limit": limit}


# %% 12.2 wrong: GET /ages?youngest=100 is answered, but it must be refused
@mine.get("/ages")
def ages(youngest: Annotated[int, Query(ge=0, le=100)], limit: Annotated[int, Query(ge=1, le=50)] = 5):
    return {"youngest": youngest, "limit": limit}


# %% 12.2 wrong: GET /ages?youngest=3 returns {'youngest': 3}, and not {'youngest': 3, 'limit': 5}
@mine.get("/ages")
def ages(youngest: Annotated[int, Query(ge=0, le=99)], limit: Annotated[int, Query(ge=1, le=50)] = 5):
    return {"youngest": youngest}


# %% 12.2 wrong: GET /ages?youngest=-1 answers 400: let Query refuse it, with 422
from fastapi import HTTPException


@mine.get("/ages")
def ages(youngest: int, limit: int = 5):
    if not (0 <= youngest <= 99 and 1 <= limit <= 50):
        raise HTTPException(400)
    return {"youngest": youngest, "limit": limit}


# %% 12.3 right
def total(folder):
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)
    for metric in registry.collect():
        for sample in metric.samples:
            if sample.name == "titanic_predictions_total":
                return int(sample.value)


# %% 12.3 right
def total(folder):
    from prometheus_client import generate_latest

    registry = CollectorRegistry()
    registry.register(MultiProcessCollector(None, path=folder))
    lines = generate_latest(registry).decode().splitlines()
    return sum(float(line.split()[1]) for line in lines if line.startswith("titanic_predictions_total "))


# %% 12.3 wrong: `total(folder)` is not a number but of the type
def total(folder):
    registry = CollectorRegistry()
    return MultiProcessCollector(registry, path=folder)


# %% 12.3 wrong: it returns None: is there a `return`
def total(folder):
    registry = CollectorRegistry()
    return registry.get_sample_value("titanic_predictions_total")


# %% 12.3 wrong: it returns 1000: look at the name of the metric
def total(folder):
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)
    return registry.get_sample_value("http_requests_total", {"endpoint": "/predict_single"})


# %% 12.3 wrong: it returns 40: of one worker only: add up all files
def total(folder):
    newest = max(Path(folder).glob("counter_*.db"), key=lambda file: file.stat().st_mtime_ns)
    registry = CollectorRegistry()
    registry.register(Files([str(newest)]))
    return registry.get_sample_value("titanic_predictions_total")


class Files:
    def __init__(self, files):
        self.files = files

    def collect(self):
        return MultiProcessCollector.merge(self.files)


# %% 12.3 wrong: the three dots are still there
def total(folder):
    return ...


# %% 12.3 wrong: it returns 100: make the registry inside the function: it still holds the folder of the call before
registry = CollectorRegistry()


def total(folder):
    MultiProcessCollector(registry, path=folder)
    return registry.get_sample_value("titanic_predictions_total")
