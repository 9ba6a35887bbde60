"""What agents' work costs: tokens and money, as the agents say it."""

from __future__ import annotations

from msgspec import Struct


class Usage(Struct, frozen=True, kw_only=True):
    """The figures of one report. Some agents count a resumed session from its beginning."""

    input_tokens: int = 0  # what was sent and not read from the provider's cache
    cached_tokens: int = 0  # read from that cache
    output_tokens: int = 0  # thinking included
    cost_usd: float | None = None  # None: the agent does not say
    requests: int = 0  # to the model
    tokens_are_of_session: bool = False  # else of this run alone
    cost_is_of_session: bool = False
    model: str = ""  # that was used, where the agent says it

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.input_tokens + self.cached_tokens + self.output_tokens


NO_USAGE = Usage()
