"""A first app: two routes to read from, one to write to.

Start it, in the folder apps: uvicorn fastapi_01_test_app:app --reload
Its lesson: notebooks/02_fastapi_01_test_app.ipynb
"""

from collections import deque

from fastapi import FastAPI

app = FastAPI()

guests: deque[str] = deque(maxlen=10)  # the guest book: the last ten names


@app.get("/")
def read_root() -> dict[str, str]:
    """Say that the app works."""
    return {"message": "Hello, FastAPI is working!"}


@app.get("/guests")
def read_guests() -> list[str]:
    """Read the guest book. GET changes nothing: ask as often as you like."""
    return list(guests)


@app.post("/guests", status_code=201)
def add_guest(name: str) -> list[str]:
    """Write a name into the guest book. POST changes something: asked twice, it writes twice."""
    guests.append(name)
    return list(guests)
