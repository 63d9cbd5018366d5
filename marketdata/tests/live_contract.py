"""The AsyncAPI document as a judge of messages."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator

from marketdata import live

DOCUMENT = Path(live.__file__).parent / "asyncapi.yaml"


def check(message: dict[str, Any]) -> None:
    """Raise jsonschema.ValidationError unless the document describes exactly such a message."""
    validator(message["type"]).validate(message)


@cache
def validator(type_: str) -> Draft7Validator:
    """The judge of one type; raises KeyError for a type that the document does not have."""
    schemas = document()["components"]["schemas"]
    closed = {**schemas[type_], "additionalProperties": False}
    return Draft7Validator({**closed, "components": {"schemas": schemas}})


@cache
def document() -> dict[str, Any]:
    """The whole document."""
    found: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text())
    return found
