"""The checks of lesson 24."""

import binascii
import json
from typing import Any
from unittest.mock import Mock, patch

import jwt

from classroom.checks import assert_unchanged, assert_words, returned
from login.asked_log import pseudonym

SECRET = "a secret of the check, which nobody else knows"
NAMES = ["rose", "captain", "night-train", "jack"]
UTF_8 = "what is decoded is UTF-8"
DECODING = (
    "take the part in the middle, put back its `=` up to a multiple of 4 letters, and use urlsafe_b64decode; " + UTF_8
)
MEANING = {
    "let in": "that is for whoever is known and may do it, and for the open routes",
    "log in first": "that is for whoever the app does not know now; that is asked before the body is read",
    "admins only": "that is for one who is known, and may not do this",
    "too often": "that is for one who has tried wrong passwords too often, or asks too much",
    "wrong input": "that is for one who is let in, and sends what cannot be true",
}


def exercise_1(claims: Any) -> None:
    """What a token says, without the secret."""
    # Whatever one takes of the library, and by whatever name: here it decodes nothing.
    refusing = Mock(**{"urlsafe_b64decode.side_effect": AssertionError("that is the library jwt: do it without")})
    for said in (
        {"sub": "rose", "n": 1},
        {"sub": "Zoë"},
        {"sub": "Zoë", "n": 22},
        {"sub": "j>>k", "n": 1},
        {"sub": "who?~", "n": 1},
        {"sub": "rose", "officer": True, "ship": None},
    ):
        try:
            # jwt.encode would write Zo\u00eb, as not every library does.
            content = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
            token = jwt.api_jws.encode(content, SECRET)
            with patch("jwt.utils.base64", refusing):
                found = returned(claims(token))
        except (binascii.Error, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise AssertionError(f"a part cannot be decoded ({error}): {DECODING}") from None
        assert not isinstance(found, (str, bytes)), "it returns a text: make a dictionary of it with json.loads"
        assert found != {"alg": "HS256", "typ": "JWT"}, "that is the head of the token: take the part in the middle"
        hint = "" if content.isascii() else f": {UTF_8}"
        assert found == said, f"a token that says {said} is read as {found}{hint}"


def exercise_2(trace: Any) -> None:
    """Whose pseudonym it is."""

    def traced(name: str, names: list[str], key: str, made_with: str) -> Any:
        given = list(names)
        found = trace(pseudonym(name, made_with), given, key)
        assert found is not ..., "the three dots are still there"
        assert_unchanged(given, names)
        return found

    for key in ("t" * 32, "u" * 32):
        for name in NAMES:
            found = traced(name, NAMES, key, key)
            assert found is not None, "it returns nothing for the pseudonym of a name in the list"
            assert found == name, f"for the pseudonym of {name} it returns {found!r}"
        found = traced("molly", NAMES, key, key)
        assert found is None, f"for somebody who is not in the list it returns {found!r}, and not None"
        assert traced("ruth", ["molly", "ruth"], key, key) == "ruth", (
            "it does not find ruth in the list molly, ruth: look at the `names` that are given"
        )
        found = traced("rose", ["molly", "jack"], key, key)
        assert found is None, (
            f"for rose, who is not in the list molly, jack, it returns {found!r}, and not None: "
            "look only at the `names` that are given in this call"
        )
        found = traced("rose", NAMES, key, "other")
        assert found is None, f"it returns {found!r}, and not None, though the key is another"


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
