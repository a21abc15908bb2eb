"""The champion served by MLServer, with its adaptive batching (model-settings.json says how much)."""

from champion import load, predict
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, PandasCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Champion(MLModel):
    """One call of the model for the requests that arrive together."""

    async def load(self) -> bool:
        """Load it once, at the start."""
        self.model = load()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """0 or 1 for each row."""
        import numpy as np

        answers = np.array(predict(self.model, self.decode_request(payload, default_codec=PandasCodec)))
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("prediction", answers)])
