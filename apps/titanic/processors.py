"""How many processors this process may use (lesson 09)."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

# On Linux, processes stand in groups that may have limits; a container is such a group.
OWN_GROUPS, ALL_GROUPS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


def usable() -> float:
    """The processors of this machine, or less, down to a part of one, if this process is not given all of them."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min([float(allowed), *quotas()])


def quotas() -> Iterator[float]:
    """How many processors' time each of the groups that this process stands in may use; nothing without a limit."""
    try:
        groups = OWN_GROUPS.read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return
    for group in groups:
        _, controllers, path = group.split(":", 2)
        if not controllers:  # version 2: one tree for all limits
            tree, files = ALL_GROUPS, ["cpu.max"]
        elif "cpu" in controllers.split(","):  # version 1: a tree for each
            tree, files = ALL_GROUPS / controllers, ["cpu.cfs_quota_us", "cpu.cfs_period_us"]
        else:
            continue
        inside = PurePosixPath(path.lstrip("/"))
        for folder in [inside, *inside.parents]:  # a limit of a group holds for all groups in it
            try:
                quota, period = " ".join((tree / folder / file).read_text(encoding="utf-8") for file in files).split()
            except (OSError, ValueError):  # a container does not see the groups around it
                continue
            if quota not in ("max", "-1"):
                yield int(quota) / int(period)
