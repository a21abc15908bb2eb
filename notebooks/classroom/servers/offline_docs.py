"""The pages /docs and /redoc of an app, without internet: the app itself has the files that they load."""

from pathlib import Path

import fastapi_offline
from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.routing import Route

ASSETS = "/_docs"


def with_offline_docs(app: FastAPI) -> FastAPI:
    """The app, with the pages /docs and /redoc replaced by some that load their files from it.

    Source: https://fastapi.tiangolo.com/how-to/custom-docs-ui-assets/
    """

    def swagger_ui(request: Request) -> HTMLResponse:
        root = root_path(request)
        return get_swagger_ui_html(
            openapi_url=f"{root}{app.openapi_url}",
            title=f"{app.title} - Swagger UI",
            oauth2_redirect_url=f"{root}{app.swagger_ui_oauth2_redirect_url}",
            init_oauth=app.swagger_ui_init_oauth,
            swagger_ui_parameters=app.swagger_ui_parameters,
            swagger_js_url=f"{root}{ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{root}{ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{root}{ASSETS}/favicon.png",
        )

    def redoc(request: Request) -> HTMLResponse:
        root = root_path(request)
        return get_redoc_html(
            openapi_url=f"{root}{app.openapi_url}",
            title=f"{app.title} - ReDoc",
            redoc_js_url=f"{root}{ASSETS}/redoc.standalone.js",
            redoc_favicon_url=f"{root}{ASSETS}/favicon.png",
            with_google_fonts=False,
        )

    pages = {app.docs_url: swagger_ui, app.redoc_url: redoc}
    for place, route in enumerate(app.router.routes):
        if isinstance(route, Route) and route.path in pages:
            app.router.routes[place] = Route(route.path, pages[route.path], include_in_schema=False)
    app.mount(ASSETS, StaticFiles(directory=Path(fastapi_offline.__file__).parent / "static"))
    return app


def root_path(request: Request) -> str:
    """What a proxy in front of the app puts before each path."""
    return str(request.scope.get("root_path", "")).rstrip("/")
