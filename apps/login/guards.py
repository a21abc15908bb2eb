"""Who is asking, found out before anything else, and whether they may (lesson 24)."""

import math
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, NamedTuple

import jwt
from fastapi import Depends, HTTPException, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, OAuth2PasswordBearer

from login import tokens
from login.accounts import Role
from login.door import Door

# For /docs: its button Authorize knows from these how to log in. auto_error=False: we answer ourselves.
bearer = OAuth2PasswordBearer(tokenUrl="token", auto_error=False, description="For people: log in with a password.")
api_key = APIKeyHeader(name="X-API-Key", auto_error=False, description="For machines: a key, sent with each request.")
CHALLENGE = {"WWW-Authenticate": "Bearer"}  # how to log in, as HTTP asks of each 401
LOG_IN = "Log in first: POST /token, then send the token; or send an API key in X-API-Key."
REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"description": "No token or API key, or none that is good"},
    429: {"description": "Too many requests; Retry-After says when to come again, in seconds"},
}
ADMINS_ONLY: dict[int | str, dict[str, Any]] = REFUSALS | {403: {"description": "Not an admin"}}


class Caller(NamedTuple):
    """Who is asking."""

    name: str
    role: Role


async def identify(request: Request) -> Caller:
    """Who is asking, by the token or else by the API key. HTTPException: 401 nobody that we know, 429 too often."""
    door: Door = request.app.state.door
    token, key = await bearer(request), await api_key(request)
    name, made = None, math.inf  # a key needs no such time: each account has another one
    if token is not None:
        try:
            name, made = tokens.name_in(token, door.secret)
        except jwt.InvalidTokenError:  # the reason is of use to an attacker only
            name = None
    elif key is not None:
        name = door.accounts.of_key(key)
    account = door.accounts.now().get(name) if name else None
    # Who is no longer there is not let in, token or not; nor by a token from before the account was made anew.
    if name is None or account is None or made < account.since:
        raise HTTPException(401, LOG_IN, CHALLENGE)
    door.rates.count(name)
    return Caller(name, account.role)


class LockedRoute(APIRoute):
    """A route that asks who is there before it reads the body: no stranger can make it read 10 MB."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of FastAPI, behind the lock.

        Source: https://fastapi.tiangolo.com/how-to/custom-request-and-route/
        """
        handle = super().get_route_handler()

        async def locked(request: Request) -> Response:
            request.state.caller = await identify(request)
            return await handle(request)

        return locked


async def caller(
    request: Request, _token: Annotated[str | None, Depends(bearer)], _key: Annotated[str | None, Depends(api_key)]
) -> Caller:
    """Who is asking, as the route's lock has found out. The other two tell /docs that there is a lock."""
    found: Caller = request.state.caller
    return found


CallerDep = Annotated[Caller, Depends(caller)]


async def require_admin(who: CallerDep) -> Caller:
    """Let admins pass; answer everybody else with 403 (lesson 03)."""
    if who.role != "admin":
        raise HTTPException(403, "Access denied: Admins only.")
    return who
