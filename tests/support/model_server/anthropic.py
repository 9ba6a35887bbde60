"""Anthropic's messages, whole or as a stream of events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.support.model_server.faults import anthropic_refusal as refusal
from tests.support.model_server.script import Answer
from tests.support.model_server.tools import Tool

__all__ = ["frames", "offered", "refusal", "whole"]


def offered(body: dict[str, Any]) -> frozenset[str]:
    """Name the tools that the request offers."""
    return frozenset(tool["name"] for tool in body.get("tools") or () if "name" in tool)


def whole(answer: Answer, tools: list[Tool], body: dict[str, Any], number: int) -> dict[str, Any]:
    """Make the message."""
    said = [{"type": "text", "text": answer.text}] if answer.text or not tools else []
    called = [
        {"type": "tool_use", "id": f"toolu_{number}_{index}", "name": name, "input": arguments}
        for index, (name, arguments) in enumerate(tools)
    ]
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": body.get("model"),
        "content": said + called,
        "stop_reason": "tool_use" if tools else "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": answer.tokens_in - answer.tokens_cached,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": answer.tokens_cached,
            "output_tokens": answer.tokens_out,
        },
    }


def frames(message: dict[str, Any]) -> Iterator[str]:
    """Tell it event by event."""
    begun = message | {"content": [], "stop_reason": None}
    yield _event("message_start", message=begun)
    for index, block in enumerate(message["content"]):
        if block["type"] == "text":
            empty = {"type": "text", "text": ""}
            delta = {"type": "text_delta", "text": block["text"]}
        else:
            empty = block | {"input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        yield _event("content_block_start", index=index, content_block=empty)
        yield _event("content_block_delta", index=index, delta=delta)
        yield _event("content_block_stop", index=index)
    stop = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield _event("message_delta", delta=stop, usage=message["usage"])
    yield _event("message_stop")


def _event(kind: str, **fields: object) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"
