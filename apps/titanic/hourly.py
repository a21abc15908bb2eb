"""What an app does each hour, whether or not anybody asks for anything: delete what is old (lesson 11)."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

log = logging.getLogger("titanic.hourly")
HOUR = 3600  # seconds


@asynccontextmanager
async def each_hour(delete_old: Callable[[], None]) -> AsyncIterator[None]:
    """Do this now and each hour until the end, in another thread."""

    async def go_on() -> None:
        while True:
            try:
                await asyncio.to_thread(delete_old)
            except Exception as error:  # whatever it is: that nothing is deleted any more would be noticed by nobody
                log.error("What is old is not deleted: %s. This is tried again in an hour.", error)
            await asyncio.sleep(HOUR)

    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        task.cancel()
