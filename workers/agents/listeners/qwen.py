"""What the messages of Qwen Code mean.

Whatever its server answers, it ends with exit 0 and `subtype: success`; the error is the text of
its result, in a form of its own: `[API Error: 401 ...]`. While it tries again, it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo

from ....policies.outcomes.outcome import OutcomeKind
from ....policies.usage import Usage
from ....policies.values import replace
from ..base import AgentRun, Event, Terminal, Used
from ..jsonline import Json, count_at, is_true_at, objects_at, text_at
from ..listening import Clock
from ..meaning.wording import one_line
from .placed import PlacedListener
from .speaking import Speaking

_ERROR = "[API Error: "
_EMPTY = "empty response"


class QwenListener(PlacedListener):
    """Understands its messages."""

    def __init__(
        self, run: AgentRun, *, clock: Clock | None = None, zone: tzinfo | None = None
    ) -> None:
        super().__init__(run, clock=clock, zone=zone)
        self._speaking = Speaking()
        self._model = ""
        self._is_counted = True  # the last text has a usage: it came from the model

    def understand(self, said: Json) -> Iterable[Event]:
        """Say what a message means."""
        match text_at(said, "type"):
            case "system" if text_at(said, "subtype") == "init":
                self._model = text_at(said, "model")[:80]
                return self.session(text_at(said, "session_id"))
            case "assistant":
                return self._assistant(said)
            case "user":
                return (self._speaking.hears(),)
            case "result":
                return self._result(said)
        return ()

    def _assistant(self, said: Json) -> Iterator[Event]:
        self._is_counted = bool(
            count_at(said, "message", "usage", "input_tokens")
            or count_at(said, "message", "usage", "output_tokens")
        )
        for block in objects_at(said, "message", "content"):
            match text_at(block, "type"):
                case "text" if not text_at(block, "text").startswith(_ERROR):
                    yield self._speaking.says(text_at(block, "text"))
                case "tool_use":
                    yield self._speaking.acts(text_at(block, "name"))

    def _result(self, said: Json) -> Iterator[Event]:
        yield Used(usage=replace(_usage(said), model=self._model))
        text = text_at(said, "result")
        if is_true_at(said, "is_error") or text_at(said, "subtype") != "success":
            error = text_at(said, "error", "message") or text or text_at(said, "subtype")
            turns = text_at(said, "subtype") == "error_max_turns"
            kind = OutcomeKind.INCOMPLETE if turns else None
            yield Terminal(is_ok=False, text=one_line(error), kind=kind)
            return
        error = self._api_error(text)
        if error:
            # That nothing came is no word of the server's: it says so in many ways.
            kind = OutcomeKind.INCOMPLETE if _EMPTY in error else None
            yield Terminal(is_ok=False, text=one_line(error), kind=kind)
        else:
            yield Terminal(is_ok=True, text=text)

    def _api_error(self, text: str) -> str:
        """Give the error that is the result, or stands at its end where a stream broke off."""
        if text.startswith(_ERROR):
            return text
        begin = text.rfind(_ERROR)
        is_own = begin > 0 and text.rstrip().endswith("]") and not self._is_counted
        return text[begin:] if is_own else ""


def _usage(said: Json) -> Usage:
    read = count_at(said, "usage", "cache_read_input_tokens")
    return Usage(
        input_tokens=max(0, count_at(said, "usage", "input_tokens") - read),
        cached_tokens=read,
        output_tokens=count_at(said, "usage", "output_tokens"),
        tokens_are_of_session=True,
    )
