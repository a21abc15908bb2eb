"""Let an app begin, and keep the error of a beginning that fails for whoever has a better word for it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


async def live(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> Exception | None:
    """Start the app and, in the end, stop it. If it does not start, return the error; nobody was told of it yet.

    Source: https://asgi.readthedocs.io/en/latest/specs/lifespan.html
    """
    started = False

    async def pass_on(message: Message) -> None:
        nonlocal started
        started = started or message["type"] == "lifespan.startup.complete"
        if message["type"] != "lifespan.startup.failed":
            await send(message)

    try:
        await app(scope, receive, pass_on)
    except Exception as error:
        if started:
            raise
        return error
    return None
