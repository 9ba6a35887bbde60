from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.workers.secrecy.forms import PIECE_BYTES, forms_of
from prd_supervise.workers.secrecy.redaction import Redactor, Secret

TOKEN = b"s3cr3t/Token+with=signs"


def redactor(**values: bytes) -> Redactor:
    return Redactor(Secret(name, value) for name, value in values.items())


def streamed(using: Redactor, pieces: list[bytes]) -> bytes:
    stream = using.stream()
    return b"".join(stream.feed(piece) for piece in pieces) + stream.end()


def test_a_value_is_replaced_by_its_name() -> None:
    assert redactor(TOKEN=TOKEN).data(b"a " + TOKEN + b" b") == b"a [redacted:TOKEN] b"


def test_text_without_values_comes_out_as_it_went_in() -> None:
    text = b"nothing \xff here, s3cr3t/Token+with=sign\n"
    assert redactor(TOKEN=TOKEN).data(text) == text


@pytest.mark.parametrize("before", ["", "x", "xy", "user:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_value_inside_of_base64_is_hidden_wherever_it_stands(
    before: str, encode: Callable[[bytes], bytes]
) -> None:
    shown = redactor(TOKEN=TOKEN).data(encode(before.encode() + TOKEN + b":after"))
    left, right = shown.split(b"[redacted:TOKEN]")
    # A character of base64 has six bits: of the value, what shares one with its neighbours is left.
    assert len(left) <= len(before) * 8 / 6 + 1
    assert len(right) <= len(b":after==") * 8 / 6 + 2


@pytest.mark.parametrize(
    "form",
    [
        quote(TOKEN, safe=""),
        quote(TOKEN),
        quote(TOKEN, safe="").replace("%2F", "%2f").replace("%2B", "%2b").replace("%3D", "%3d"),
    ],
)
def test_a_value_in_a_url_is_hidden(form: str) -> None:
    shown = redactor(TOKEN=TOKEN).text(f"https://host/?t={form}&x=1")
    assert shown == "https://host/?t=[redacted:TOKEN]&x=1"


def test_a_value_in_json_is_hidden() -> None:
    shown = redactor(TOKEN=b'quo"ted\\val\nue').text('{"a": "quo\\"ted\\\\val\\nue"}')
    assert shown == '{"a": "[redacted:TOKEN]"}'


def test_values_that_overlap_are_hidden_whole() -> None:
    using = redactor(A=b"abcdefgh", B=b"efghijkl")
    assert using.data(b"-abcdefghijkl-") == b"-[redacted:A]-"
    assert streamed(using, [b"-abcdefgh", b"ij", b"kl-"]) == b"-[redacted:A]-"


def test_a_value_that_begins_like_another_is_hidden_whole() -> None:
    using = redactor(A=b"abcdef", B=b"abcdefghij")
    assert streamed(using, [b"abcdef", b"ghi", b"j."]) == b"[redacted:B]."
    assert streamed(using, [b"abcdef", b"ghi", b"k."]) == b"[redacted:A]ghik."


def test_what_may_become_a_value_is_held_back_and_nothing_else() -> None:
    stream = redactor(A=b"abcdef").stream()
    assert stream.feed(b"xyz ab") == b"xyz "
    assert stream.held == b"ab"
    assert stream.feed(b"x") == b"abx"
    assert stream.end() == b""


def test_what_is_held_back_is_bounded_however_long_a_value_is() -> None:
    value = b"".join(b"%06d" % number for number in range(10_000))
    stream = redactor(A=value).stream()
    told = b""
    for at in range(0, len(value), 100):
        told += stream.feed(value[at : at + 100])
        assert len(stream.held) < PIECE_BYTES
    assert told + stream.end() == b"[redacted:A]"


def test_a_stretch_without_end_is_one_mark_and_bounded() -> None:
    stream = redactor(A=b"aaaaaaa").stream()
    told = b""
    for _ in range(100):
        told += stream.feed(b"a" * 1000)
        assert len(stream.held) < 7
    assert told + stream.end() == b"[redacted:A]"


def test_no_secret_hides_nothing() -> None:
    assert not redactor()
    assert redactor().data(b"text") == b"text"


def test_undecodable_names_of_files_stay_what_they_are() -> None:
    assert redactor(A=b"abcdef").text("x\udcff abcdef") == "x\udcff [redacted:A]"


values = st.lists(
    st.binary(min_size=6, max_size=12).map(lambda raw: bytes(97 + byte % 3 for byte in raw)),
    min_size=1,
    max_size=4,
)


@given(values, st.data())
def test_no_way_of_cutting_a_text_lets_a_value_through(
    secrets: list[bytes], data: st.DataObject
) -> None:
    using = Redactor(Secret(f"N{number}", value) for number, value in enumerate(secrets))
    part = st.one_of(
        st.sampled_from(secrets),
        st.text(alphabet="abc.", max_size=9).map(str.encode),
        st.sampled_from(secrets).map(lambda value: value[:-1]),
    )
    parts = data.draw(st.lists(part, max_size=12))
    text = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=20)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    shown = streamed(using, pieces)

    assert not any(value in shown for value in secrets)
    assert shown == using.data(text)
    assert shown == naive(text, using, secrets)


def naive(text: bytes, using: Redactor, secrets: list[bytes]) -> bytes:
    """Mark every byte of every form, then write the stretches."""
    hidden: list[tuple[int, str] | None] = [None] * len(text)
    named: dict[bytes, str] = {}
    for number, value in enumerate(secrets):
        for form in forms_of(value):
            named.setdefault(form, f"N{number}")
    found = []
    for form, name in named.items():
        found += [(at, -len(form), name) for at in range(len(text)) if text.startswith(form, at)]
    out, at, end = b"", 0, -1
    assert len(hidden) == len(text)
    for begin, length, name in sorted(found):
        if begin > end:
            out += text[at:begin] + f"[redacted:{name}]".encode()
        end = max(end, begin - length)
        at = end
    assert using
    return out + text[at:]
