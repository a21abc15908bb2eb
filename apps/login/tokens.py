"""Tokens: who has logged in, signed, so that nobody can change it or make one without the secret (lesson 24)."""

from datetime import UTC, datetime, timedelta

import jwt
from pydantic import BaseModel, ConfigDict

ALGORITHM = "HS256"
AUDIENCE = "titanic-predictor"  # a token for another app, signed with the same secret, is refused
MINUTES = 30  # a stolen token is good for so long


class Token(BaseModel):
    """The proof that somebody has logged in. The client sends it with each request."""

    access_token: str
    token_type: str = "bearer"


class Claims(BaseModel):
    """What a token says. Anybody who has it can read this."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    sub: str
    """The name of the account. Its role is not here: it is looked up each time."""
    aud: str
    """For which app the token is."""
    iat: datetime
    """When it was made."""
    exp: datetime
    """Until when it is good."""


def make(name: str, secret: str) -> str:
    """A token for this account."""
    now = datetime.now(UTC)
    claims = Claims(sub=name, aud=AUDIENCE, iat=now, exp=now + timedelta(minutes=MINUTES))
    exactly = {"iat": now.timestamp()}  # of a datetime, PyJWT would keep the whole seconds only
    return jwt.encode(claims.model_dump() | exactly, secret, ALGORITHM)


def name_in(token: str, secret: str) -> tuple[str, float]:
    """The name in this token, and when that was made, in seconds since 1970.

    jwt.InvalidTokenError: it is not ours, was changed, or is too old.
    """
    claims = jwt.decode(
        token,
        secret,
        algorithms=[ALGORITHM],  # never what the token itself asks for: it could ask for none
        audience=AUDIENCE,
        options={"require": list(Claims.model_fields)},
    )
    return str(claims["sub"]), float(claims["iat"])
