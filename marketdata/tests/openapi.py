"""The OpenAPI document as a judge of answers."""

import copy
from functools import cache
from io import StringIO
from typing import Any

import jsonschema
import yaml
from django.core.management import call_command


@cache
def document() -> dict[str, Any]:
    """The document, which the generator makes without a warning and its own check finds valid."""
    said = StringIO()
    call_command("spectacular", stdout=said, validate=True, fail_on_warn=True)
    found = yaml.safe_load(said.getvalue())
    assert isinstance(found, dict)
    return found


def check(address: str, answer: Any, status: int = 200) -> None:
    """Raise an AssertionError or jsonschema.ValidationError unless a GET there may be answered so, key by key."""
    assert answer.status_code == status
    content = document()["paths"][address]["get"]["responses"][str(status)]["content"]
    schema = json_schema(content["application/json" if status == 200 else "application/problem+json"]["schema"])
    jsonschema.validate(answer.json(), schema)
    if status == 200:
        assert set(schema["required"]) <= set(answer.json()) <= set(schema["properties"])


def json_schema(part: Any) -> Any:
    """OpenAPI 3.0 in the words of JSON Schema: references filled in, `nullable` as a choice with null."""
    if isinstance(part, list):
        return [json_schema(one) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return json_schema(document()["components"]["schemas"][part["$ref"].rpartition("/")[2]])
    plain = {name: json_schema(one) for name, one in copy.deepcopy(part).items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if part.get("nullable") else plain
