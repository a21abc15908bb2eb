"""Who may speak to the collector: whoever knows the user and the password in SCOUTER_USERNAME and SCOUTER_PASSWORD."""

import hashlib
import hmac
from typing import Annotated, Any

from fastapi import Depends, Header, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from collector.dependencies import SettingsDep
from collector.settings import Settings

bearer = HTTPBearer(auto_error=False)  # without a token, too, the answer is the one of require_login
CHALLENGE = {"WWW-Authenticate": "Bearer"}  # how to come in, as HTTP asks of each 401
LOCKED: dict[int | str, dict[str, Any]] = {401: {"description": "No token, or none that is good"}}


class Token(BaseModel):
    """The answer to a login; the client sends it with each request that follows."""

    token: str


def same(sent: str, right: str) -> bool:
    """True if what was sent is right, found out in a time that does not tell how many letters were.

    A header is bytes, and comes here as if they were Latin-1. Most clients write ü in UTF-8, others in Latin-1.
    """
    forms = [right.encode()] + [right.encode("latin-1")] * all(letter <= "ÿ" for letter in right)
    return any([hmac.compare_digest(sent.encode("latin-1"), form) for form in forms])


def token_of(settings: Settings) -> str:
    """The proof that somebody knew the password.

    It is calculated, not kept, and holds until the password changes. For the client logs in only once: a token that is
    lost with a restart of the collector would be refused, and the client would not notice.
    """
    password, user = settings.scouter_password.get_secret_value(), settings.scouter_username
    return hmac.new(password.encode(), user.encode(), hashlib.sha256).hexdigest()


def log_in(
    settings: SettingsDep, username: Annotated[str, Header()] = "", password: Annotated[str, Header()] = ""
) -> Token:
    """Check the headers Username and Password; 401 if they are wrong."""
    right_user, right_password = settings.scouter_username, settings.scouter_password.get_secret_value()
    if not (same(username, right_user) & same(password, right_password)):
        raise HTTPException(status_code=401, detail="Wrong user or password.", headers=CHALLENGE)
    return Token(token=token_of(settings))


def require_login(
    settings: SettingsDep, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Token:
    """Let only those pass who send the token that they got by logging in; 401 for the others."""
    token = token_of(settings)
    if sent is None or not same(sent.credentials, token):  # bearer has looked at the word before it
        raise HTTPException(status_code=401, detail="Log in first: GET /scouter/auth/login", headers=CHALLENGE)
    return Token(token=token)


NewTokenDep = Annotated[Token, Depends(log_in)]
TokenDep = Annotated[Token, Depends(require_login)]
