"""Say whether the service is well. New: a health endpoint with a response model.

Start it, in the folder apps: uvicorn fastapi_03_health_app:app --reload
Its lesson: notebooks/04_fastapi_03_health_app.ipynb
"""

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class HealthResponse(BaseModel):
    """The state of the service, for people and for the machines that watch it."""

    status: str
    version: str
    service: str
    dependencies: str


@app.get("/health", response_model=HealthResponse)
def health_check() -> dict[str, str]:
    """Answer as long as the app is alive."""
    return {
        "status": "ok",
        "version": "1.0.0",
        "service": "Titanic Predictor API",
        "dependencies": "MLflow, Scikit-learn",
    }
