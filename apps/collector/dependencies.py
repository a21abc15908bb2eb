"""What a route is given: the store and the settings of the app that it belongs to.

async def: whoever only watches must not wait for a thread, and so for those who work.
"""

from typing import Annotated

from fastapi import Depends, Request

from collector.settings import Settings
from collector.store import Store


async def open_store(request: Request) -> Store:
    """The store that the app has opened."""
    store: Store = request.app.state.store
    return store


async def read_settings(request: Request) -> Settings:
    """The settings that the app has read at its start."""
    settings: Settings = request.app.state.settings
    return settings


StoreDep = Annotated[Store, Depends(open_store)]
SettingsDep = Annotated[Settings, Depends(read_settings)]
