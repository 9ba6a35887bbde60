"""The forms in which a value shows: as it is, and as programs write it on the way."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote_from_bytes

FORM_BYTES_MIN = 6
PIECE_BYTES = 256  # a longer form is looked for in pieces: a stream holds back less than one
_BASE64_BITS = 6
_BYTE_BITS = 8


def forms_of(value: bytes) -> set[bytes]:
    """Give the value itself, and its escaped, percent- and base64-encoded forms."""
    found = {value, *_percent(value), *_base64(value)}
    text = value.decode("utf-8", "surrogateescape")
    found.update(
        json.dumps(text, ensure_ascii=is_ascii)[1:-1].encode("utf-8", "surrogateescape")
        for is_ascii in (True, False)
    )
    return {piece for form in found if len(form) >= FORM_BYTES_MIN for piece in _pieces(form)}


def _percent(value: bytes) -> set[bytes]:
    upper = {quote_from_bytes(value, safe=safe) for safe in ("", "/")}
    upper |= {form.replace("%20", "+") for form in upper}
    return {form.encode() for form in upper} | {_lower_escapes(form).encode() for form in upper}


def _lower_escapes(form: str) -> str:
    first, *rest = form.split("%")
    return "%".join((first, *(part[:2].lower() + part[2:] for part in rest)))


def _base64(value: bytes) -> set[bytes]:
    """What is the same in the base64 of any text with the value in it, whatever stands around."""
    found = set()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + value)
        begin = -(-before * _BYTE_BITS // _BASE64_BITS)
        end = (before + len(value)) * _BYTE_BITS // _BASE64_BITS
        core = encoded[begin:end]
        found |= {core, core.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


def _pieces(form: bytes) -> set[bytes]:
    if len(form) <= PIECE_BYTES:
        return {form}
    begins = range(0, len(form) - PIECE_BYTES + 1, PIECE_BYTES)
    return {form[at : at + PIECE_BYTES] for at in begins} | {form[-PIECE_BYTES:]}
