"""A release as Prometheus and Alertmanager have it, for the tests that fetch one from a server of their own."""

import io
import tarfile
from pathlib import PurePosixPath


def pack(member: str) -> bytes:
    """A release that holds one tiny program, at this place; it says its name."""
    script = f"#!/bin/sh\necho a tiny {PurePosixPath(member).name}\n".encode()
    info = tarfile.TarInfo(member)
    info.size, info.mode = len(script), 0o755
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(info, io.BytesIO(script))
    return packed.getvalue()
