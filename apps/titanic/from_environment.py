"""What all settings of the course's apps have in common: they come from the environment."""

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from titanic.problem import Problem


class FromEnvironment(BaseSettings):
    """Each field is the variable of the same name, in capital letters. One that is empty counts as not set.

    Problem: a variable holds what it cannot hold.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True, use_attribute_docstrings=True)

    def __init__(self) -> None:
        try:
            super().__init__()
        except ValidationError as error:
            wrong = error.errors()[0]
            raise Problem(f"{str(wrong['loc'][0]).upper()} is not right: {wrong['msg']}.") from None
