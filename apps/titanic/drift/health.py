"""GET /health of an app whose passengers are watched for drift."""

from fastapi import APIRouter, Request, Response

from titanic.drift.server import ServerState
from titanic.health import NOT_LOADED, HealthResponse, model_health

router = APIRouter()


class DriftHealth(HealthResponse):
    """The state of the service, and of the server that watches its passengers for drift."""

    scouter: ServerState = "up"


@router.get("/health", responses=NOT_LOADED)
async def health_check(request: Request, response: Response) -> DriftHealth:
    """Answer 200 if the model is loaded, else 503. A Scouter that takes nothing is told, but no reason for a 503."""
    return DriftHealth(
        **model_health(request, response).model_dump(), scouter=getattr(request.app.state, "scouter", "down")
    )
