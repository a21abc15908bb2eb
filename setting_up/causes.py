"""Why an installation failed, in words for the reader."""

import re
import sys

from setting_up.places import ROOT

# How Python and uv write the number of an error of Windows, whose words are in the reader's language.
NUMBER = "(winerror|os error)" if sys.platform == "win32" else "winerror"  # uv writes other systems' so, too
# What pip, uv and Python write, and what that means for the reader.
CAUSES = {
    rf"no space left|not enough space|disk quota|os error (28|112|122)\b|{NUMBER} (39|112)\b": (
        "The disk is full: make room."
    ),
    rf"{NUMBER} 32\b": (
        "A file is open in another program, perhaps a virus scanner: end JupyterLab and all programs that use the "
        "course, then call this again."
    ),
    rf"permission denied|access is denied|read-only file system|operation not permitted|{NUMBER} 5\b": (
        f"Something in {ROOT} may not be written: copy the course into a folder of your own."
    ),
    r"certificate.verify.failed|invalid peer certificate|unknownissuer": (
        "The certificate of the package index is not trusted here; perhaps your network looks into what is fetched. "
        "Ask for its certificate, and let SSL_CERT_FILE and PIP_CERT name that file."
    ),
    r"failed to build|failed building wheel|metadata-generation-failed": (
        "A package is not ready-made for this processor or system, and could not be built here. On Windows for ARM and "
        "on old Macs, take a Python for 64-bit Intel or another machine."
    ),
    r"failed to fetch|dns error|name resolution|resolve host|lookup address|newconnection|timed? ?out|proxy|tunnel"
    r"|connection (refused|reset|broken|error|aborted)|tcp connect|unreachable|error sending request": (
        "The packages could not be fetched: most often the internet connection is missing or a proxy is in the way."
    ),
}


def cause(said: str) -> str:
    """What this message of an installer means for the reader, and what to do; "" if that is not known."""
    return next((meaning for words, meaning in CAUSES.items() if re.search(words, said, re.IGNORECASE)), "")


def last_line(said: str) -> str:
    """The last line of what a program has said; of an error of Python, that is what went wrong."""
    return (said.strip().splitlines() or ["it says nothing"])[-1].strip().rstrip(".")
