"""What a profile of any type says about itself."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel

from collector.messages import Text
from collector.schedule import DEFAULT, checked


class Alerts(BaseModel):
    """When alerts are looked for, in a profile of any type."""

    schedule: Annotated[Text, AfterValidator(checked)] = DEFAULT

    @property
    def after_each_message(self) -> bool:
        """True if the profile does not say when: once a day would be late for a lesson."""
        return self.schedule == DEFAULT


class Config(BaseModel):
    """Whose profile it is."""

    space: Text
    name: Text
