"""Google's generateContent, whole or as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.support.model_server.faults import gemini_refusal as refusal
from tests.support.model_server.script import Answer
from tests.support.model_server.tools import Tool

__all__ = ["frames", "offered", "refusal", "whole"]


def offered(body: dict[str, Any]) -> frozenset[str]:
    """Name the tools that the request offers."""
    return frozenset(
        function["name"]
        for tool in body.get("tools") or ()
        for function in tool.get("functionDeclarations") or ()
    )


def whole(answer: Answer, tools: list[Tool], _body: dict[str, Any], number: int) -> dict[str, Any]:
    """Make the response."""
    parts: list[dict[str, Any]] = [{"text": answer.text}] if answer.text or not tools else []
    parts += [
        {"functionCall": {"name": name, "args": arguments}, "thoughtSignature": "c2NyaXB0"}
        for name, arguments in tools
    ]
    content = {"role": "model", "parts": parts}
    return {
        "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {
            "promptTokenCount": answer.tokens_in,
            "candidatesTokenCount": answer.tokens_out,
            "cachedContentTokenCount": answer.tokens_cached,
            "totalTokenCount": answer.tokens_in + answer.tokens_out,
        },
        "modelVersion": "scripted",
        "responseId": f"response-{number}",
    }


def frames(response: dict[str, Any]) -> Iterator[str]:
    """Tell it in two: a beginning, and the rest."""
    begun = [{"content": {"role": "model", "parts": [{"text": " "}]}, "index": 0}]
    yield f"data: {json.dumps({'candidates': begun})}\n\n"
    yield f"data: {json.dumps(response)}\n\n"
