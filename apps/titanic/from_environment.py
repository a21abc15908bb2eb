"""What all settings of the course's apps have in common: they come from the environment."""

import re
from typing import TypeVar

from pydantic import AfterValidator, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from titanic.problem import Problem

Header = TypeVar("Header", str, SecretStr)


def fits_a_header(value: Header) -> Header:
    """Give it back. ValueError: it cannot travel in a header of HTTP, as user and password do."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if re.search(r"[\x00-\x1f\x7f]|^ | $", text):
        raise ValueError("it begins or ends with a blank, or has a line break in it; HTTP cannot carry that")
    return value


IN_HEADER = AfterValidator(fits_a_header)


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
            what = wrong["msg"].removeprefix("Value error, ")
            raise Problem(f"{str(wrong['loc'][0]).upper()} is not right: {what}.") from None
