"""What is told, as a line of JSON."""

from __future__ import annotations

import json

import msgspec


def encoded(told: object) -> bytes:
    """One line. Half a surrogate pair, of a strange path, is no reason to say nothing."""
    try:
        return msgspec.json.encode(told) + b"\n"
    except UnicodeEncodeError:
        plain = msgspec.to_builtins(told)
        return json.dumps(plain, ensure_ascii=False).encode(errors="replace") + b"\n"
