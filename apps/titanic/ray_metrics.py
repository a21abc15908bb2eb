"""What Ray counts on all machines, as one text for Prometheus (lesson 25)."""

import asyncio

import aiohttp


async def of_all_machines() -> str:
    """The metrics of Ray Serve. An agent on each machine knows its own numbers; without Ray there are none."""
    import ray  # here and not above: it adds a folder to the path of Python

    machines = [one for one in ray.nodes() if one["Alive"]] if ray.is_initialized() else []
    agents = [f"http://{one['NodeManagerAddress']}:{one['MetricsExportPort']}/metrics" for one in machines]
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(2)) as session:
        return joined(await asyncio.gather(*(text_of(session, agent) for agent in agents)))


async def text_of(session: aiohttp.ClientSession, agent: str) -> str:
    """What this agent tells; nothing, if its machine has just been lost."""
    try:
        async with session.get(agent) as answer:
            return str(await answer.text())
    except (aiohttp.ClientError, TimeoutError):
        return ""


def joined(texts: list[str]) -> str:
    """The metrics of Ray Serve in all these texts: the lines of one metric stand together, below one HELP and TYPE.

    Source: https://prometheus.io/docs/instrumenting/exposition_formats/
    """
    heads: dict[str, list[str]] = {}
    samples: dict[str, list[str]] = {}
    for text in texts:
        name = ""
        for line in text.splitlines():
            if line.startswith("#"):
                name = line.split()[2]
                heads.setdefault(name, []).append(line)
            else:
                samples.setdefault(name, []).append(line)
    served = [name for name in samples if name.startswith("ray_serve_")]
    return "".join(f"{line}\n" for name in served for line in [*heads[name][:2], *samples[name]])
