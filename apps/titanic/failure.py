"""What happens if a prediction fails (lesson 06)."""

import logging
import secrets

from fastapi import Request
from fastapi.responses import JSONResponse

log = logging.getLogger("titanic.prediction")


class PredictionError(Exception):
    """The model has failed, or what it answers is no probability. Its text says why; for the log, not for clients."""


async def report_failure(request: Request, error: PredictionError) -> JSONResponse:
    """Answer 500 with a reference. The log has the same reference with the reason, which is not for strangers."""
    reference = secrets.token_hex(4)
    what = "Batch prediction" if request.url.path.endswith("/predict_batch") else "Prediction"
    log.error("%s failed: %s: %s", what, reference, error, exc_info=error)
    return JSONResponse({"detail": f"{what} failed: {reference}"}, status_code=500)
