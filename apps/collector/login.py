"""Who may speak to the collector: whoever knows the user and the password in SCOUTER_USERNAME and SCOUTER_PASSWORD."""

import hashlib
import hmac
import os
from typing import Annotated

from fastapi import Header, HTTPException
from pydantic import BaseModel


class Token(BaseModel):
    """The answer to a login; the client sends it with each request that follows."""

    token: str


def user_and_password() -> tuple[str, str]:
    """From the environment; without it, what Scouter's own HttpConfig() logs in with."""
    return os.environ.get("SCOUTER_USERNAME") or "admin", os.environ.get("SCOUTER_PASSWORD") or "admin"


def same(one: str, other: str) -> bool:
    """True if the two are equal, found out in a time that does not tell how many letters were right."""
    return hmac.compare_digest(one.encode(), other.encode())


def token() -> str:
    """The proof that somebody knew the password.

    It is calculated, not kept, and holds until the password changes: the client logs in only once, and after a
    restart of the collector it would go on with a token that is no longer known, without noticing the refusals.
    """
    user, password = user_and_password()
    return hmac.new(password.encode(), user.encode(), hashlib.sha256).hexdigest()


def log_in(username: Annotated[str, Header()] = "", password: Annotated[str, Header()] = "") -> Token:
    """Check the headers Username and Password; 401 if they are wrong."""
    right_user, right_password = user_and_password()
    if not (same(username, right_user) & same(password, right_password)):
        raise HTTPException(status_code=401, detail="Wrong user or password.")
    return Token(token=token())


def require_login(authorization: Annotated[str, Header()] = "") -> Token:
    """Let only those pass who send the token that they got by logging in; 401 for the others."""
    if not same(authorization, f"Bearer {token()}"):
        raise HTTPException(status_code=401, detail="Log in first: GET /scouter/auth/login")
    return Token(token=token())
