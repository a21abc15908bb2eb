"""What JupyterLab stores of a notebook when it saves one."""

from typing import Any


def without_version(model: dict[str, Any], **_: object) -> None:
    """Leave out the version of the reader's Python: else each lesson that is opened would be a changed one for git."""
    if model["type"] == "notebook":
        model["content"]["metadata"].get("language_info", {}).pop("version", None)
