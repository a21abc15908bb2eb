"""The questions that Scouter's client asks: about profiles, drift and alerts."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from collector import alert_list, drift, login, registry
from collector.evaluation import WORKFLOW
from collector.messages import Text
from collector.profiles import DriftType
from collector.store import Store


def open_store(request: Request) -> Store:
    """The store that the app has opened."""
    return request.app.state.store


OpenStore = Annotated[Store, Depends(open_store)]  # what a route writes to be given it
Asked = Annotated[drift.DriftRequest, Query()]
router = APIRouter(prefix="/scouter", dependencies=[Depends(login.require_login)])


@router.get("/auth/refresh")
def refresh(token: Annotated[login.Token, Depends(login.require_login)]) -> login.Token:
    """The token to go on with."""
    return token


@router.post("/profile")
def register_profile(request: registry.ProfileRequest, store: OpenStore) -> registry.RegisteredProfile:
    """Keep a profile. The answer holds the identifier that its records are to carry."""
    try:
        with store.writing() as connection:
            return registry.register(connection, request)
    except ValueError as error:
        raise HTTPException(status_code=422, detail=f"This is no profile of the type {request.drift_type}.") from error


@router.get("/profile")
def get_profile(space: Text, name: Text, version: Text, drift_type: DriftType, store: OpenStore) -> dict[str, Any]:
    """A profile as it was registered, with its type around it."""
    with store.reading() as connection:
        text = registry.text_by_name(connection, space, name, version, drift_type)
    if text is None:
        raise HTTPException(status_code=404, detail="There is no such profile.")
    return {drift_type: json.loads(text)}


@router.put("/profile/status")
def set_profile_status(request: registry.ProfileStatusRequest, store: OpenStore) -> dict[str, str]:
    """Let a profile raise alerts from now on, or no longer."""
    with store.writing() as connection:
        found = registry.set_status(connection, request)
    if not found:
        raise HTTPException(status_code=404, detail="There is no such profile.")
    return {"status": "success", "message": f"active is now {request.active}"}


@router.get("/drift/psi")
def psi(request: Asked, store: OpenStore) -> dict[str, Any]:
    """PSI by feature."""
    with store.reading() as connection:
        profile = registry.of_type(connection, request.uid, "Psi")
        return drift.psi_over_time(connection, profile.features, request)


@router.get("/drift/spc")
def spc(request: Asked, store: OpenStore) -> dict[str, Any]:
    """Means by feature."""
    with store.reading() as connection:
        registry.of_type(connection, request.uid, "Spc")
        return drift.spc_over_time(connection, request)


@router.get("/drift/custom")
def custom(request: Asked, store: OpenStore) -> dict[str, Any]:
    """Means by metric."""
    with store.reading() as connection:
        registry.of_type(connection, request.uid, "Custom")
        return drift.metrics_over_time(connection, request)


@router.get("/drift/genai/task")
def genai_task(request: Asked, store: OpenStore) -> dict[str, Any]:
    """The share of records that pass, by check."""
    with store.reading() as connection:
        registry.of_type(connection, request.uid, "GenAI")
        metrics = drift.metrics_over_time(connection, request)["metrics"]
    return {"metrics": {name: metric for name, metric in metrics.items() if name != WORKFLOW}}


@router.get("/drift/genai/workflow")
def genai_workflow(request: Asked, store: OpenStore) -> dict[str, Any]:
    """The share of checks that pass."""
    with store.reading() as connection:
        registry.of_type(connection, request.uid, "GenAI")
        metrics = drift.metrics_over_time(connection, request)["metrics"]
    return {"metrics": {name: metric for name, metric in metrics.items() if name == WORKFLOW}}


@router.post("/alerts")
def list_alerts(request: alert_list.AlertsRequest, store: OpenStore) -> dict[str, Any]:
    """The alerts of a profile, newest first."""
    with store.reading() as connection:
        return alert_list.find(connection, request)


@router.put("/alerts")
def acknowledge_alert(status: alert_list.AlertStatus, store: OpenStore) -> dict[str, bool]:
    """Say that somebody has seen to an alert (active: false)."""
    with store.writing() as connection:
        found = alert_list.set_status(connection, status)
    if not found:
        raise HTTPException(status_code=404, detail=f"There is no alert {status.id}.")
    return {"updated": True}
