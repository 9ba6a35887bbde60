"""JSON Schemas of documents, made of their types."""

from __future__ import annotations

import json
from typing import Any

import msgspec


def schema_of(kind: type, title: str) -> dict[str, Any]:
    """Every member is always there; members that are not known are to be passed over."""
    found = msgspec.json.schema(kind)
    definitions = found.pop("$defs")
    for each in definitions.values():
        if "properties" in each:
            each["required"] = list(each["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **found,
        "$defs": definitions,
    }


def text_of(schema: dict[str, Any]) -> str:
    """The schema as it stands in its file."""
    return json.dumps(schema, indent=2) + "\n"
