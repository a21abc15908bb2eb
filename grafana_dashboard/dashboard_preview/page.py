"""A page on this machine that draws the dashboard anew every few seconds."""

import html
import io
import threading

import uvicorn
from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse

from .durations import seconds
from .picture import draw
from .prometheus_api import Json

# The picture is asked for in the width of the window, so that its text is as large in each. A picture that does not
# come (the server has been stopped) leaves the last one, and the sentence above it.
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
  body {{ margin: 0; background: #111217; color: #d5d5e2; font: 14px sans-serif; }}
  img {{ display: block; width: 100%; }}
  p {{ margin: 0; padding: 8px 16px; background: #1f60c4; color: white; }}
</style>
</head>
<body>
<p>A preview of the Grafana dashboard, drawn from Prometheus. <span id="state"></span></p>
<img id="dashboard" alt="The dashboard {title}, drawn from Prometheus" src="dashboard.png?width=1280">
<script>
  const image = document.getElementById("dashboard"), state = document.getElementById("state");
  async function refresh() {{
    const width = Math.max(1280, Math.min(1920, window.innerWidth));
    const sharpness = window.devicePixelRatio > 1 ? 2 : 1;
    try {{
      const answer = await fetch(`dashboard.png?width=${{width}}&sharpness=${{sharpness}}`, {{cache: "no-store"}});
      if (answer.ok) {{
        const before = image.src;
        image.src = URL.createObjectURL(await answer.blob());
        URL.revokeObjectURL(before);
        state.textContent = "It is drawn anew every {refresh:g} seconds.";
      }} else {{
        state.textContent = "It cannot be drawn now: the terminal in which the preview runs says why.";
      }}
    }} catch {{
      state.textContent = "The preview has been stopped; this is its last picture.";
    }}
    setTimeout(refresh, {refresh:g} * 1000);
  }}
  refresh();
</script>
</body>
</html>
"""


def create_page(dashboard: Json, url: str, minutes: float | None = None) -> FastAPI:
    """The page of a dashboard (the content of its JSON file), drawn from the Prometheus at this address."""
    app = FastAPI(title="Preview of the dashboard", docs_url=None, redoc_url=None)
    wanted = dashboard.get("refresh")
    refresh = seconds(wanted if wanted and wanted != "auto" else "5s")
    drawing = threading.Lock()  # matplotlib draws one picture at a time

    @app.get("/", response_class=HTMLResponse)
    def page() -> str:
        """The page itself."""
        return PAGE.format(title=html.escape(dashboard.get("title", "")), refresh=refresh)

    @app.get("/dashboard.png", response_class=Response)
    def picture(width: int = 1280, sharpness: int = 1) -> Response:
        """The dashboard as it is now. width: 800 to 2560 pixels of the page; sharpness: 1, or 2 for fine screens."""
        with drawing:
            figure = draw(dashboard, url, minutes, min(2560, max(800, width)))
            file = io.BytesIO()
            figure.savefig(file, format="png", dpi=figure.dpi * min(2, max(1, sharpness)))
        return Response(file.getvalue(), media_type="image/png", headers={"Cache-Control": "no-store"})

    return app


def serve(dashboard: Json, url: str, port: int, minutes: float | None = None) -> None:
    """Serve the page on 127.0.0.1 until it is stopped."""
    uvicorn.run(create_page(dashboard, url, minutes), port=port, log_level="warning", timeout_graceful_shutdown=1)
