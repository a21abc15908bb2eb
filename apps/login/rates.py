"""How often somebody may ask, and how often a password may be wrong (lesson 24)."""

import hashlib
import math
import time

from fastapi import HTTPException
from limits import RateLimitItem, parse, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from titanic.problem import Problem

WRONG_PER_NAME = parse("5/minute")  # of one name, whoever guesses
WRONG_PER_ADDRESS = parse("20/minute")  # from one address, for whatever names
TOO_OFTEN = "Too many requests. Try again later."
TOO_MANY_GUESSES = "Too many attempts to log in. Try again later."


class Rates:
    """Counts in the memory of this process; with several workers, each counts for itself.

    each_account: such as "600/minute". Problem: it is no such text, or holds more than one rate.
    """

    def __init__(self, each_account: str) -> None:
        self.limiter = MovingWindowRateLimiter(MemoryStorage())
        self.wrong = MemoryStorage()  # apart from the others: strangers choose these names
        self.guessing = MovingWindowRateLimiter(self.wrong)
        try:
            (self.each_account,) = parse_many(each_account)  # of several, parse would take the first, silently
        except ValueError:
            raise Problem(f"LOGIN_RATE is {each_account!r}: write one rate, such as 600/minute.") from None

    def count(self, name: str) -> None:
        """Count a request of this account. HTTPException 429: it has asked too often."""
        if not self.limiter.hit(self.each_account, "account", name):
            raise refusal(TOO_OFTEN, self.limiter, self.each_account, "account", name)

    def check_guesses(self, name: str, address: str) -> None:
        """HTTPException 429: passwords were wrong too often, of this name or from this address."""
        for rate, *whose in self.guesses(name, address):
            if not self.guessing.test(rate, *whose):
                raise refusal(TOO_MANY_GUESSES, self.guessing, rate, *whose)

    def count_wrong(self, name: str, address: str) -> None:
        """Count a wrong password. What is over is forgotten, or a stranger could fill the memory with names."""
        for rate, *whose in self.guesses(name, address):
            self.guessing.hit(rate, *whose)
        for key, moments in [*self.wrong.events.items()]:
            if not moments:
                self.wrong.events.pop(key)

    def guesses(self, name: str, address: str) -> list[tuple[RateLimitItem, str, str]]:
        """The limits for wrong passwords, each with whom it is for."""
        short = hashlib.sha256(name.encode(errors="replace")).hexdigest()  # however long the name is
        return [(WRONG_PER_NAME, "name", short), (WRONG_PER_ADDRESS, "address", address)]


def refusal(why: str, limiter: MovingWindowRateLimiter, rate: RateLimitItem, *whose: str) -> HTTPException:
    """The answer to one who came too often: 429, and in how many seconds to come again."""
    wait = limiter.get_window_stats(rate, *whose).reset_time - time.time()
    return HTTPException(429, why, {"Retry-After": str(max(1, math.ceil(wait)))})
