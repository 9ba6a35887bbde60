"""What of a look is shown: everything, one PRD or one story, as lines or as JSON."""

from __future__ import annotations

import msgspec

from ....policies.values import replace
from ...shell.control.targets import Target, TargetError, resolve
from ...shell.status.document import NOT_ANSWERING, StatusDocument
from ...shell.storage.layout import Layout
from ..errors import UsageError
from ..looking import Look
from ..looks.columns import cells, filled
from ..looks.painting import painted
from ..looks.rows import Row, Style
from .hints import harvest, hints
from .overview import overview


class Shown:
    """Of every look the same."""

    def __init__(self, layout: Layout, document: StatusDocument, name: str | None) -> None:
        """Find out who is meant; raises UsageError where nobody is called so."""
        self._layout = layout
        self._target: Target | None = None
        known = {prd.id: tuple(story.id for story in prd.stories) for prd in document.prds}
        try:
            self._target = None if name is None else resolve(name, known)
        except TargetError as error:
            raise UsageError(str(error)) from None

    def lines(self, look: Look, width: int, style: Style) -> list[str]:
        """For people."""
        if self._target is not None and self._target.story_id:
            rows, told = self._story(look.document, self._target, width)
        else:
            document = self._document(look)
            is_all = self._target is not None
            rows, told = overview(document, width, style, all_stories=is_all), _next(document)
        told = [line for text in told for line in _fitting(text, width)]
        return [*painted(rows, style), *([""] * bool(told)), *told]

    def json(self, look: Look) -> bytes:
        """For programs."""
        if self._target is not None and self._target.story_id:
            from .story import detail_of  # noqa: PLC0415  half of all that is imported

            return msgspec.json.encode(detail_of(self._layout, look.document, self._target))
        return msgspec.json.encode(self._document(look))

    def _document(self, look: Look) -> StatusDocument:
        if self._target is None:
            return look.document
        prds = tuple(prd for prd in look.document.prds if prd.id == self._target.prd_id)
        return replace(look.document, prds=prds, rest_s=prds[0].rest_s if prds else None)

    def _story(
        self, document: StatusDocument, target: Target, width: int
    ) -> tuple[list[Row], list[str]]:
        from .story import commands_for, detail_of, story_rows  # noqa: PLC0415  likewise

        detail = detail_of(self._layout, document, target)
        states = {
            name: story.state
            for prd in document.prds
            for story in prd.stories
            for name in (f"{prd.id}/{story.id}", *([story.id] * (prd.id == target.prd_id)))
        }
        told = commands_for(detail, root_serves=_serves(document))
        return story_rows(detail, width, states), told


def _fitting(text: str, width: int) -> list[str]:
    """What is to be typed as it stands is not folded at the blanks before its comment."""
    return [text] if cells(text) <= width else filled(" ".join(text.split()), width, "  ")


def _serves(document: StatusDocument) -> bool:
    return document.root.pid is not None and document.root.state != NOT_ANSWERING


def _next(document: StatusDocument) -> list[str]:
    serves = _serves(document)
    return [*hints(document, root_serves=serves), *([] if serves else harvest(document.prds))]
