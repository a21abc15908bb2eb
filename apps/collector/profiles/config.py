"""What a profile of any type says about itself."""

from pydantic import BaseModel

from collector.messages import Text


class Config(BaseModel):
    """Whose profile it is."""

    space: Text
    name: Text
