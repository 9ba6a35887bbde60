"""Text to the numbers of its word pieces, as BERT's uncased models were trained on them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import islice

TOKENS_MAX = 256  # of a text, the two marks around it counted; what comes after them is not seen
_CHARS_MAX = 20_000
_WORD_MAX = 100  # characters; a longer word is unknown
_CJK = re.compile(
    "([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002ceaf\U0002f800-\U0002fa1f])"
)
_SYMBOLS = frozenset("$+<=>^`|~")  # of ASCII; Unicode does not call them punctuation

Vocabulary = Mapping[str, int]


def vocabulary(text: str) -> dict[str, int]:
    """The pieces of a vocab.txt: one a line, numbered from 0."""
    return {piece: number for number, piece in enumerate(text.split("\n")) if piece}


def tokens(text: str, known: Vocabulary) -> list[int]:
    """The numbers of a text's pieces, between the marks of its beginning and its end."""
    found = (number for word in _words(text[:_CHARS_MAX]) for number in _pieces(word, known))
    return [known["[CLS]"], *islice(found, TOKENS_MAX - 2), known["[SEP]"]]


def _words(text: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFD", _CJK.sub(r" \1 ", _cleaned(text)).lower())
    for run in plain.split():
        word = ""
        for char in run:
            kind = unicodedata.category(char)
            if kind == "Mn":  # an accent
                continue
            if kind[0] == "P" or char in _SYMBOLS:
                if word:
                    yield word
                yield char
                word = ""
            else:
                word += char
        if word:
            yield word


def _cleaned(text: str) -> str:
    """The text without control characters; the white ones among them are spaces."""
    return "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or (char != "\ufffd" and unicodedata.category(char)[0] != "C")
    )


def _pieces(word: str, known: Vocabulary) -> list[int]:
    """The longest known pieces from the left, all but the first with ##; or the unknown one."""
    unknown = [known["[UNK]"]]
    found: list[int] = []
    at = 0
    while at < len(word) <= _WORD_MAX:
        mark = "##" if at else ""
        ends = range(len(word), at, -1)
        end = next((end for end in ends if mark + word[at:end] in known), None)
        if end is None:
            return unknown
        found.append(known[mark + word[at:end]])
        at = end
    return found or unknown
