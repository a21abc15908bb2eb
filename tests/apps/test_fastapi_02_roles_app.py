"""The guarded route: who may pass, and that tests can step in at both dependencies."""

import pytest

from fastapi_02_roles_app import app, get_current_user_role, require_admin

WELCOME = {"message": "Welcome, Admin. You have access to this route."}
DENIED = {"detail": "Access denied: Admins only."}


@pytest.fixture
def api(client):
    yield client("fastapi_02_roles_app")
    app.dependency_overrides.clear()


def test_the_public_route_is_open(api):
    answer = api.get("/public")
    assert (answer.status_code, answer.json()) == (200, {"message": "This endpoint is open to all users."})


def test_the_admin_route_is_closed_as_the_app_stands(api):
    answer = api.get("/admin")
    assert (answer.status_code, answer.json()) == (403, DENIED)


@pytest.mark.parametrize("role", ["user", "guest", "Admin", "admin ", "", None])
def test_everybody_but_an_admin_is_refused(api, role):
    app.dependency_overrides[get_current_user_role] = lambda: role
    answer = api.get("/admin")
    assert (answer.status_code, answer.json()) == (403, DENIED)


def test_an_admin_is_let_in(api):
    app.dependency_overrides[get_current_user_role] = lambda: "admin"
    answer = api.get("/admin")
    assert (answer.status_code, answer.json()) == (200, WELCOME)


def test_the_guard_can_be_replaced_as_a_whole(api):
    app.dependency_overrides[require_admin] = lambda: None
    answer = api.get("/admin")
    assert (answer.status_code, answer.json()) == (200, WELCOME)


def test_a_client_cannot_name_its_own_role(api):
    assert api.get("/admin", params={"user_role": "admin"}, headers={"user-role": "admin"}).status_code == 403
