"""OpenAI's responses, whole or as a stream of events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.support.model_server.faults import openai_refusal as refusal
from tests.support.model_server.script import Answer
from tests.support.model_server.tools import Tool

__all__ = ["frames", "offered", "refusal", "whole"]


def offered(body: dict[str, Any]) -> frozenset[str]:
    """Name the tools that the request offers."""
    return frozenset(tool.get("name") or tool["type"] for tool in body.get("tools") or ())


def whole(answer: Answer, tools: list[Tool], body: dict[str, Any], number: int) -> dict[str, Any]:
    """Make the response."""
    items: list[dict[str, Any]] = []
    if answer.text:
        text = {"type": "output_text", "text": answer.text, "annotations": []}
        items.append(
            {
                "type": "message",
                "id": f"msg_{number}",
                "role": "assistant",
                "status": "completed",
                "content": [text],
            }
        )
    items += [
        {
            "type": "function_call",
            "id": f"fc_{number}_{index}",
            "call_id": f"call_{number}_{index}",
            "name": name,
            "arguments": json.dumps(arguments),
            "status": "completed",
        }
        for index, (name, arguments) in enumerate(tools)
    ]
    return {
        "id": f"resp_{number}",
        "object": "response",
        "created_at": 0,
        "status": "completed",
        "model": body.get("model"),
        "output": items,
        "usage": {
            "input_tokens": answer.tokens_in,
            "input_tokens_details": {"cached_tokens": answer.tokens_cached},
            "output_tokens": answer.tokens_out,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": answer.tokens_in + answer.tokens_out,
        },
    }


def frames(response: dict[str, Any]) -> Iterator[str]:
    """Tell it event by event."""
    begun = response | {"status": "in_progress", "output": [], "usage": None}
    yield _event("response.created", response=begun)
    for index, item in enumerate(response["output"]):
        is_text = item["type"] == "message"
        added = item | {"content": []} if is_text else item
        yield _event("response.output_item.added", output_index=index, item=added)
        if is_text:
            where = {"output_index": index, "content_index": 0, "item_id": item["id"]}
            delta = item["content"][0]["text"]
            yield _event("response.output_text.delta", **where, delta=delta)
        yield _event("response.output_item.done", output_index=index, item=item)
    yield _event("response.completed", response=response)


def _event(kind: str, **fields: object) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"
