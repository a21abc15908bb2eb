"""The two routes of lessons 04 and 05 that predict nothing."""

from fastapi import APIRouter, Request, Response

from titanic.health import NOT_LOADED, HealthResponse, model_health

basics = APIRouter()


@basics.get("/")
def root() -> dict[str, str]:
    """Say that the API is running."""
    return {"message": "Titanic MLflow API is running"}


@basics.get("/health", responses=NOT_LOADED)
async def health_check(request: Request, response: Response) -> HealthResponse:
    """Answer 200 if the model is loaded, else 503."""
    return model_health(request, response)
