"""The questions that Scouter's client asks: about profiles, drift and alerts."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from collector import alert_list, drift, login, received, refusals, registration, registry
from collector.dependencies import StoreDep
from collector.errors import NotFoundError, RefusedError
from collector.evaluation import WORKFLOW
from collector.messages import Moment, Text
from collector.profiles import DriftType

Asked = Annotated[drift.DriftRequest, Query()]
router = APIRouter(
    prefix="/scouter", dependencies=[Depends(login.require_login)], responses=login.LOCKED | refusals.NOT_KEPT
)
UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such profile or alert"}}


async def not_found(request: Request, error: NotFoundError) -> JSONResponse:
    """Answer 404, with the reason."""
    return JSONResponse({"detail": str(error)}, status_code=404)


async def refused(request: Request, error: RefusedError) -> JSONResponse:
    """Answer 422, with the reason."""
    return JSONResponse({"detail": str(error)}, status_code=422)


@router.get("/auth/refresh")
def refresh(token: login.TokenDep) -> login.Token:
    """The token to go on with."""
    return token


@router.post("/profile", response_model_exclude_none=True)
def register_profile(request: registration.ProfileRequest, store: StoreDep) -> registration.RegisteredProfile:
    """Keep a profile. The answer holds the identifier that its records are to carry."""
    with store.writing() as connection:
        return registration.register(connection, request)


@router.get("/profile", responses=UNKNOWN)
def get_profile(space: Text, name: Text, version: Text, drift_type: DriftType, store: StoreDep) -> dict[str, Any]:
    """A profile as it was registered, with its type around it."""
    with store.reading() as connection:
        return {drift_type: json.loads(registry.text_by_name(connection, space, name, version, drift_type))}


@router.put("/profile/status", responses=UNKNOWN)
def set_profile_status(request: registry.ProfileStatusRequest, store: StoreDep) -> dict[str, str]:
    """Let a profile raise alerts from now on, or no longer."""
    with store.writing() as connection:
        registry.set_status(connection, request)
    return {"status": "success", "message": f"active is now {request.active}"}


@router.get("/received", responses=UNKNOWN)
def count_received(uid: Text, since: Moment, store: StoreDep) -> dict[str, int]:
    """How many rows or values of a profile have come that were made since then."""
    with store.reading() as connection:
        registry.check_known(connection, uid)
        return {"received": received.count(connection, uid, since.timestamp())}


@router.get("/drift/psi", responses=UNKNOWN)
def psi(request: Asked, store: StoreDep) -> dict[str, Any]:
    """PSI by feature."""
    with store.reading() as connection:
        profile = registry.of_type(connection, request.uid, "Psi").profile
        return drift.psi_over_time(connection, profile.features, request)


@router.get("/drift/spc", responses=UNKNOWN)
def spc(request: Asked, store: StoreDep) -> dict[str, Any]:
    """Means by feature."""
    with store.reading() as connection:
        registry.of_type(connection, request.uid, "Spc")
        return drift.spc_over_time(connection, request)


@router.get("/drift/custom", responses=UNKNOWN)
def custom(request: Asked, store: StoreDep) -> dict[str, Any]:
    """Means by metric."""
    with store.reading() as connection:
        registry.of_type(connection, request.uid, "Custom")
        return drift.metrics_over_time(connection, request)


@router.get("/drift/genai/task", responses=UNKNOWN)
def genai_task(request: Asked, store: StoreDep) -> dict[str, Any]:
    """The share of records that pass, by check."""
    with store.reading() as connection:
        registry.of_type(connection, request.uid, "GenAI")
        metrics = drift.metrics_over_time(connection, request)["metrics"]
    return {"metrics": {name: metric for name, metric in metrics.items() if name != WORKFLOW}}


@router.get("/drift/genai/workflow", responses=UNKNOWN)
def genai_workflow(request: Asked, store: StoreDep) -> dict[str, Any]:
    """The share of checks that pass."""
    with store.reading() as connection:
        registry.of_type(connection, request.uid, "GenAI")
        metrics = drift.metrics_over_time(connection, request)["metrics"]
    return {"metrics": {name: metric for name, metric in metrics.items() if name == WORKFLOW}}


@router.post("/alerts", responses=UNKNOWN)
def list_alerts(request: alert_list.AlertsRequest, store: StoreDep) -> dict[str, Any]:
    """The alerts of a profile, newest first."""
    with store.reading() as connection:
        registry.check_known(connection, request.uid)
        return alert_list.find(connection, request)


@router.put("/alerts", responses=UNKNOWN)
def acknowledge_alert(status: alert_list.AlertStatus, store: StoreDep) -> dict[str, bool]:
    """Say that somebody has seen to an alert (active: false)."""
    with store.writing() as connection:
        alert_list.set_status(connection, status)
    return {"updated": True}
