"""What went wrong with MLflow's store, in one sentence for the reader (lessons 01 and 05)."""

import re
from importlib.metadata import entry_points

NO_SUCH_KIND = (
    "MLFLOW_TRACKING_URI is {at}, and MLflow has no such kind of store. "
    "Correct it (such as sqlite:///mlruns/mlflow.db or http://127.0.0.1:5000), or {other}"
)
# The kinds that MLflow has. It would also keep models in the memory (sqlite://), where nobody finds them again.
KIND = re.compile(
    r"https?://[^/]|sqlite(\+\w+)?:///(?!:memory:|file:|$)|(postgresql|mysql|mssql)(\+\w+)?://.|(databricks|uc)\b"
)
# What MLflow, its database or the system says, and what that means. {at}: the address;
# {found}: the word that gave it away; {said}: the line with it; {other}: how to do without this store; {what}: the
# version that was wanted, and {mend}: how to get one; {then}: what comes after that.
MEANINGS = {
    r"API request to .*(too many \d+ error responses)": (
        "MLflow's server at {at} cannot answer now ({found}). Look into its log, or {other}"
    ),
    r"API request to .*(refused|timed out|resolve)|API request to .* failed with (?:timeout )?exception": (
        "MLflow's server at {at} does not answer ({found}). Start it, or {other}"
    ),
    r"API request to .*(error code 40[13])": (
        "MLflow's server at {at} wants a login ({found}): MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, "
        "or MLFLOW_TRACKING_TOKEN. Set them, or {other}"
    ),
    r"API request to|INTERNAL_ERROR: Response": (
        "What answers at {at} is no server of MLflow ({said}). Correct the address, or {other}"
    ),
    r"unsupported URI|filesystem tracking backend|SQLAlchemy URL|Invalid SQLite URL|Invalid url|No schema supplied": (
        NO_SUCH_KIND
    ),
    r"No such artifact|No such file or directory: '.*artifacts|Logged model .* not found": (
        "{what} stands in the store at {at}, but its files were deleted ({said}). {mend}, then {then}"
    ),
    r"database is locked": (
        "Another program keeps {at} for itself ({found}). Stop that program, or wait for its end, then {then}"
    ),
    r"not a database|malformed|unable to open database|readonly database|disk I/O|disk is full|"
    r"Permission denied|No space left|Read-only file|File exists|Not a directory|No such file": (
        "{at} cannot be used as MLflow's store: {said}. Mend that, or {other}"
    ),
    r"out-of-date database schema|Can't locate revision": (
        "The store at {at} was made by another version of MLflow. Use that version, or {other}"
    ),
    r"alias .* not found|Registered Model with name=.* not found|Model Version .* not found": (
        "{what} is not in the store at {at}. {mend}, then {then}"
    ),
}
THE_CHAMPION = ("The champion", "Run lesson 01, or python course.py train")  # {what} and {mend}


def is_of_a_kind(uri: str) -> bool:
    """True if MLflow can keep models at this address, by itself or by a plugin."""
    return bool(KIND.match(uri)) or uri.partition(":")[0] in entry_points(group="mlflow.tracking_store").names


def explain(error: Exception, uri: str, other: str, otherwise: str, then: str, wanted: tuple[str, str]) -> str:
    """One sentence that names the cause and the address, without its password.

    other: how to do without this store. otherwise, then, wanted: see store.problems. Empty if the cause is none of
    those above, and so is otherwise.
    """
    at, text = without_password(uri), without_password(str(error))
    what, mend = wanted
    said = shortened(text.strip().partition("\n")[0])
    for pattern, meaning in MEANINGS.items():
        if found := re.search(pattern, text):
            said = shortened(text[: found.start()].rpartition("\n")[2] + text[found.start() :].partition("\n")[0])
            word = found[found.lastindex or 0]
            return f"{meaning.format(at=at, said=said, other=other, what=what, mend=mend, then=then, found=word)}."
    return f"{otherwise} ({at}): {type(error).__name__}: {said}. Mend that, or {other}." if otherwise else ""


def without_password(text: str) -> str:
    """The same text, without the user and the password that addresses in it hold."""
    return re.sub(r"//[^/@\s]*@", "//", text)


def shortened(line: str) -> str:
    """A line as part of a sentence: not too long, and without its full stop."""
    line = line.removeprefix("(sqlite3.")
    return line.rstrip(".") if len(line) < 200 else f"{line[:200]} ..."
