"""Requests to this machine bypass any proxy, which could not deliver them."""

import os
import urllib.request

HERE = ("127.0.0.1", "localhost", "::1")


def spare_this_machine() -> None:
    """Where there is a proxy, let NO_PROXY name this machine, for us and for all that we start.

    Call it before a client is made: some read the variables only once. Without a proxy nothing is changed. course.py
    does the same by itself.
    """
    names = {name.lower() for name, value in os.environ.items() if value and name.lower().endswith("_proxy")}
    if not names - {"no_proxy"}:
        if not (found := of_the_settings()):
            return
        os.environ.update(found)  # a NO_PROXY alone would hide them
    # Each client reads one of the two spellings; if only one is there, what it says counts for both.
    said = {name: os.environ.get(name) or os.environ.get(name.swapcase()) or "" for name in ("NO_PROXY", "no_proxy")}
    for name, hosts in said.items():
        listed = [host.strip() for host in hosts.split(",") if host.strip()]
        os.environ[name] = ",".join(listed + [host for host in HERE if not {host, "*"} & set(listed)])


def of_the_settings() -> dict[str, str]:
    """The proxies in the settings of macOS or Windows, as variables. Their usual exceptions leave out 127.0.0.1."""
    found = urllib.request.getproxies()
    return {f"{kind}_proxy": found[kind] for kind in ("http", "https") if kind in found}
