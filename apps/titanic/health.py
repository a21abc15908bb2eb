"""What GET /health answers (lesson 04), and what it answers without a model (lesson 05)."""

from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel


class HealthResponse(BaseModel):
    """The state of the service, for people and for the machines that watch it."""

    status: str = "ok"
    version: str = "1.0.0"
    service: str = "Titanic Predictor API"
    dependencies: str = "MLflow, Scikit-learn"


# For the documentation: what else the route may answer.
NOT_LOADED: dict[int | str, dict[str, Any]] = {503: {"model": HealthResponse, "description": "Model not loaded"}}


def model_health(request: Request, response: Response) -> HealthResponse:
    """200 if the app has its model, else 503: a load balancer then sends its requests elsewhere."""
    if getattr(request.app.state, "model", None) is None:
        response.status_code = 503
        return HealthResponse(status="model not loaded")
    return HealthResponse()
