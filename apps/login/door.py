"""What the doors need: the secrets, the accounts, the limits; and one password at a time (lesson 24)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import HTTPException
from pydantic import SecretStr

from login import passwords
from login.accounts import Accounts, path_of_accounts
from login.rates import TOO_MANY_GUESSES, Rates
from titanic.problem import Problem
from titanic.settings import Settings

LEAST = 32  # bytes: as many as HS256 signs with
MOST_WAITING = 10  # who waits to be let in; more are refused at once
HOW = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'


class Door:
    """Problem: a secret is missing or too short, or there are no accounts."""

    def __init__(self) -> None:
        settings = Settings()
        self.secret = secret("LOGIN_SECRET", settings.login_secret)
        self.trace_key = secret("LOGIN_TRACE_KEY", settings.login_trace_key)
        self.accounts = Accounts(path_of_accounts())
        self.rates = Rates(settings.login_rate)
        self.turn, self.waiting = asyncio.Lock(), 0
        passwords.nobodys_hash()  # made now, so that the first unknown user takes no longer than the next

    @asynccontextmanager
    async def one_guess(self) -> AsyncIterator[None]:
        """Let one password be checked at a time: to hash takes a processor, which the predictions need too.

        HTTPException 429: enough are waiting already.
        """
        if self.waiting >= MOST_WAITING:
            raise HTTPException(429, TOO_MANY_GUESSES, {"Retry-After": "1"})
        self.waiting += 1
        try:
            async with self.turn:
                yield
        finally:
            self.waiting -= 1


def secret(variable: str, value: SecretStr | None) -> str:
    """The secret in this variable of the environment. Problem: there is none, or it is so short that one can guess."""
    text = value.get_secret_value() if value else ""
    if len(text.encode()) < LEAST:
        what = "is too short" if text else "is missing"
        raise Problem(f"{variable} {what}: set it to at least {LEAST} random letters, as {HOW} makes them.")
    return text
