"""The checks of lesson 24."""

import binascii
import json
from typing import Any
from unittest.mock import patch

import jwt

from classroom.checks import assert_words, returned
from login.asked_log import pseudonym

SECRET = "a secret of the check, which nobody else knows"
NAMES = ["rose", "captain", "night-train", "jack"]
DECODING = "take the part in the middle, put back its `=` up to a multiple of 4 letters, and use urlsafe_b64decode"
MEANING = {
    "let in": "that is for whoever is known and may do it, and for the open routes",
    "log in first": "that is for whoever the app does not know now; that is asked before the body is read",
    "admins only": "that is for one who is known, and may not do this",
    "too often": "that is for one who has tried wrong passwords too often, or asks too much",
    "wrong input": "that is for one who is let in, and sends what cannot be true",
}


def exercise_1(claims: Any) -> None:
    """What a token says, without the secret."""
    for said in (
        {"sub": "rose", "n": 1},
        {"sub": "Zoë", "n": 22},
        {"sub": "j>>k", "n": 1},
        {"sub": "who?~", "n": 1},
        {"sub": "rose", "officer": True, "ship": None},
    ):
        try:
            token = jwt.encode(said, SECRET)
            # By whatever name one calls the library, here it takes the token apart.
            with patch("jwt.api_jws.PyJWS._load", side_effect=AssertionError("that is the library jwt: do it without")):
                found = returned(claims(token))
        except (binascii.Error, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise AssertionError(f"a part cannot be decoded ({error}): {DECODING}") from None
        assert not isinstance(found, (str, bytes)), "it returns a text: make a dictionary of it with json.loads"
        assert found != {"alg": "HS256", "typ": "JWT"}, "that is the head of the token: take the part in the middle"
        assert found == said, f"a token that says {said} is read as {found}"


def exercise_2(trace: Any) -> None:
    """Whose pseudonym it is."""
    for key in ("t" * 32, "u" * 32):
        for name in NAMES:
            found = trace(pseudonym(name, key), NAMES, key)
            assert found is not ..., "the three dots are still there"
            assert found is not None, "it returns nothing for the pseudonym of a name in the list"
            assert found == name, f"for the pseudonym of {name} it returns {found!r}"
        assert trace(pseudonym("molly", key), NAMES, key) is None, (
            "for somebody who is not in the list it returns a name"
        )
        assert trace(pseudonym("ruth", key), ["molly", "ruth"], key) == "ruth", (
            "it does not find ruth in the list molly, ruth: look at the `names` that are given"
        )
        assert trace(pseudonym("rose", key), ["molly", "jack"], key) is None, (
            "it finds rose, who is not in the list molly, jack: look only at the `names` that are given in this call"
        )
        assert trace(pseudonym("rose", "other"), NAMES, key) is None, "it returns a name, though the key is another"


def exercise_3(answers: Any) -> None:
    """What the app answers."""
    assert_words(
        answers,
        {
            "night-train sends its key and a passenger": "let in",
            "rose asks for /admin": "admins only",
            "rose was removed, and sends a token of five minutes ago": "log in first",
            "a stranger sends a passenger of 200 years": "log in first",
            "rose sends a passenger with the field role": "wrong input",
            "rose types her right password, after ten wrong ones in the same minute": "too often",
            "Prometheus asks for /metrics": "let in",
        },
        MEANING,
    )
