"""OpenAI's chat completions, whole or as a stream: what most other agents speak."""

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
    return frozenset(tool["function"]["name"] for tool in body.get("tools") or ())


def whole(answer: Answer, tools: list[Tool], body: dict[str, Any], number: int) -> dict[str, Any]:
    """Make the completion."""
    message: dict[str, Any] = {"role": "assistant", "content": answer.text}
    if tools:
        message["tool_calls"] = [
            {
                "id": f"call_{number}_{index}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(arguments)},
            }
            for index, (name, arguments) in enumerate(tools)
        ]
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 0,
        "model": body.get("model"),
        "choices": [
            {"index": 0, "message": message, "finish_reason": "tool_calls" if tools else "stop"}
        ],
        "usage": {
            "prompt_tokens": answer.tokens_in,
            "completion_tokens": answer.tokens_out,
            "total_tokens": answer.tokens_in + answer.tokens_out,
            "prompt_tokens_details": {"cached_tokens": answer.tokens_cached},
        },
    }


def frames(completion: dict[str, Any]) -> Iterator[str]:
    """Tell it chunk by chunk."""
    choice = completion["choices"][0]
    message = choice["message"]
    head = completion | {"object": "chat.completion.chunk"}
    usage = head.pop("usage")
    yield _chunk(head, {"role": "assistant", "content": ""})
    if message["content"]:
        yield _chunk(head, {"content": message["content"]})
    for index, call in enumerate(message.get("tool_calls", ())):
        yield _chunk(head, {"tool_calls": [call | {"index": index}]})
    yield _chunk(head, {}, choice["finish_reason"])
    yield _data(head | {"choices": [], "usage": usage})
    yield "data: [DONE]\n\n"


def _chunk(head: dict[str, Any], delta: dict[str, Any], reason: str | None = None) -> str:
    return _data(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})


def _data(document: dict[str, Any]) -> str:
    return f"data: {json.dumps(document)}\n\n"
