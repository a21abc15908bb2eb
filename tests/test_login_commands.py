"""Accounts by `course.py user`, and what `course.py app` makes for a try."""

import io
import json
import os
import stat
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from classroom.commands.user import user
from classroom.servers import first_login
from login import accounts, passwords
from titanic.problem import Problem

APP = "fastapi_09_login_app"


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("LOGIN_ACCOUNTS", str(tmp_path / "new" / "accounts.json"))
    return tmp_path / "new" / "accounts.json"


@pytest.fixture
def call(monkeypatch, capsys):
    """call("rose", typed="iceberg") is what the command says."""

    def run(*arguments, typed=""):
        monkeypatch.setattr(sys, "argv", ["user", *arguments])
        monkeypatch.setattr(sys, "stdin", typed if isinstance(typed, io.IOBase) else io.StringIO(f"{typed}\n"))
        user()
        return capsys.readouterr().out

    return run


def test_accounts_are_made_changed_listed_and_removed(path, call):
    assert call("rose", typed="never let go") == "rose may log in, as user.\n"
    key = call("night-train", "--key").split()[-1]
    call("rose", "--role", "admin", typed="another word")
    kept = accounts.read(path)
    assert passwords.fits("another word", kept["rose"].password_hash)
    assert (kept["rose"].role, kept["night-train"].role) == ("admin", "user")
    assert accounts.Accounts(path).of_key(key) == "night-train"
    assert "another word" not in path.read_text()
    assert key not in path.read_text()
    assert [line.split() for line in call().splitlines()[1:]] == [["rose", "admin"], ["night-train", "user"]]
    assert call("rose", "--remove").startswith("rose is removed")
    assert list(accounts.read(path)) == ["night-train"]
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(file.name for file in path.parent.iterdir()) == ["accounts.json", "accounts.json.lock"]


def test_a_new_password_or_key_leaves_the_role_as_it_is(path, call):
    call("captain", "--role", "admin", typed="full steam ahead")
    assert call("captain", typed="another word") == "captain may log in, as admin.\n"
    call("captain", "--key")
    assert accounts.read(path)["captain"].role == "admin"
    call("captain", "--role", "user", typed="another word")
    assert accounts.read(path)["captain"].role == "user"


def test_what_others_change_while_somebody_types_stays_changed(path, call, monkeypatch):
    call("rose", typed="never let go")

    def slowly(name):
        accounts.write(path, {"jack": accounts.read(path)["rose"]})  # rose is removed, jack is new
        return "full steam ahead"

    monkeypatch.setattr("classroom.commands.user.new_password", slowly)
    call("captain")
    assert sorted(accounts.read(path)) == ["captain", "jack"]


def test_two_who_change_the_accounts_at_once_lose_nothing(path):
    def add(name):
        with accounts.changing(path) as known:
            time.sleep(0.05)
            known[name] = accounts.Account(role="user")

    names = ["rose", "jack", "captain"]
    with ThreadPoolExecutor() as at_once:
        list(at_once.map(add, names))
    assert sorted(accounts.read(path)) == sorted(names)


@pytest.mark.parametrize(
    ("arguments", "typed", "why"),
    [
        (["rose"], "short", "A password needs at least 8 letters."),
        (["Rose"], "never let go", "'Rose' is no name"),
        (["\udcff"], "never let go", "'\\udcff' is no name"),
        (["../rose"], "never let go", "'../rose' is no name"),
        (["jack", "--remove"], "", "There is no account called jack."),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence_and_changes_nothing(path, call, arguments, typed, why):
    with pytest.raises(Problem) as error:
        call(*arguments, typed=typed)
    assert str(error.value).startswith(why)
    assert not path.exists()


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])  # the second one in the locales C and POSIX
def test_a_password_in_other_bytes_than_the_locale_has_is_told_in_a_sentence(path, call, errors):
    typed = io.TextIOWrapper(io.BytesIO("café au lait\n".encode("latin-1")), "utf-8", errors)
    with pytest.raises(Problem) as error:
        call("rose", typed=typed)
    assert str(error.value) == "This password is no text in utf-8: send it in that encoding."
    assert not path.exists()


def test_a_password_is_the_same_whichever_way_a_system_writes_its_accents(path, call):
    call("rose", typed="caf\N{LATIN SMALL LETTER E WITH ACUTE} au lait")
    apart = "cafe\N{COMBINING ACUTE ACCENT} au lait"
    assert passwords.fits(apart, accounts.read(path)["rose"].password_hash)
    call("rose", typed=apart)
    assert passwords.fits("caf\N{LATIN SMALL LETTER E WITH ACUTE} au lait", accounts.read(path)["rose"].password_hash)
    assert not passwords.fits("cafe au lait", accounts.read(path)["rose"].password_hash)
    assert not passwords.fits("\ud800", passwords.hash_of("iceberg"))  # what a form may hold that is no text


def test_an_account_is_as_old_as_its_first_password(path, call):
    """Whoever has a token stays in when the password changes, but not when the account is removed and made again."""
    call("rose", typed="never let go")
    since = accounts.read(path)["rose"].since
    call("rose", typed="another word")
    call("rose", "--key")
    assert accounts.read(path)["rose"].since == since > 0
    call("rose", "--remove")
    call("rose", typed="never let go")
    assert accounts.read(path)["rose"].since > since


def test_a_file_that_is_spoilt_is_not_overwritten(path, call):
    path.parent.mkdir()
    path.write_text("{")
    with pytest.raises(Problem, match="holds no accounts"):
        call("rose", typed="never let go")
    assert path.read_text() == "{"


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A machine on which nobody has set anything."""
    for name in (*first_login.SECRETS, "LOGIN_ACCOUNTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(first_login, "ROOT", tmp_path)
    monkeypatch.setattr(first_login, "FOLDER", tmp_path / "login")
    # By its name: tests of the app import this module anew, and then it is another one than ours.
    monkeypatch.setattr("login.accounts.DEFAULT", tmp_path / "login" / "accounts.json")
    return tmp_path / "login"


def test_a_bare_machine_gets_secrets_and_accounts_once(bare, capsys):
    made = first_login.login_settings(APP)
    assert sorted(made) == sorted(first_login.SECRETS)
    assert all(len(secret) >= 32 for secret in made.values())
    words = {line.split()[0]: line.split()[-1] for line in lines(bare / "passwords.txt")}
    kept = accounts.Accounts(bare / "accounts.json")
    for name in ("rose", "captain"):
        assert passwords.fits(words[name], kept.now()[name].password_hash)
        assert kept.now()[name].since > 0  # no token of earlier accounts of this name lets anybody in
    assert kept.of_key(words["night-train"]) == "night-train"
    said = capsys.readouterr().out
    assert "login/passwords.txt" in said
    assert not any(word in said for word in [*words.values(), *made.values()])
    if os.name != "nt":
        assert {stat.S_IMODE(file.stat().st_mode) for file in bare.iterdir() if file.suffix != ".lock"} == {0o600}
    before = {file: file.read_bytes() for file in bare.iterdir()}
    assert first_login.login_settings(APP) == made
    assert {file: file.read_bytes() for file in bare.iterdir()} == before


@pytest.mark.parametrize("left", [b"", b'{"LOGIN_SEC', b"\xff", b"[]", b"{}"])
def test_secrets_that_are_not_whole_are_made_anew(bare, monkeypatch, left):
    monkeypatch.setenv("LOGIN_ACCOUNTS", "some/where.json")
    bare.mkdir()
    (bare / "secrets.json").write_bytes(left)
    made = first_login.login_settings(APP)
    assert sorted(made) == sorted(first_login.SECRETS)
    assert first_login.login_settings(APP) == made
    assert [file.name for file in bare.iterdir()] == ["secrets.json"]


def lines(path):
    return path.read_text(encoding="utf-8").splitlines()


def test_what_somebody_has_set_is_left_alone(bare, monkeypatch):
    given = dict.fromkeys(first_login.SECRETS, "s" * 32)
    assert first_login.login_settings(APP, given) == {}
    assert first_login.login_settings("fastapi_05_batch_test_app") == {}
    assert not bare.exists()
    monkeypatch.setenv("LOGIN_SECRET", "x" * 32)
    monkeypatch.setenv("LOGIN_ACCOUNTS", "some/where.json")
    assert list(first_login.login_settings(APP)) == ["LOGIN_TRACE_KEY"]
    assert [file.name for file in bare.iterdir()] == ["secrets.json"]
    assert set(json.loads((bare / "secrets.json").read_text())) == set(first_login.SECRETS)
