"""What the configuration says of agents, as the tree is told it."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from ...policies.costs.price import Price
from ...policies.values import replace


class Home(Enum):
    """Which HOME an agent gets."""

    OWN = "own"  # a folder of the story's, with links to what it needs of the user's
    USER = "user"


class RunBounds(Struct, frozen=True, kw_only=True):
    """What one run of an agent may take; 0 is no bound.

    An honest agent may read for long before it writes, and many at once for it; but hundreds of
    requests without one file that changes is an agent that goes round in circles.
    """

    requests: int = 0  # to the model
    idle_requests: int = 250  # ... without a changed file in between
    turns: int = 0
    output_bytes: int = 1 << 30
    cost_usd: float = 0.0


class AgentSpec(Struct, frozen=True, kw_only=True):
    """Which agent, and its bounds. `script` is the replay agent's, as JSON text."""

    name: str  # as the configuration calls it
    kind: str = ""  # the adapter's; empty: the same
    command: tuple[str, ...] = ()  # the program, in place of the adapter's own
    args: tuple[str, ...] = ()  # further options
    env: tuple[str, ...] = ()  # names of further variables that it may see
    model: str = ""  # empty: the agent's own choice
    models: tuple[tuple[str, str], ...] = ()  # by a story's complexity, or by another name of it
    fits: tuple[str, ...] = ("*",)  # globs of the names of its models, in small letters
    account: str = ""  # whose limits are one; empty: the name
    home: Home | None = None  # None: as the adapter has it
    links: tuple[str, ...] = ()  # into its own HOME, from the user's, besides the adapter's
    is_yolo: bool = False  # without the CLI's own guards
    resumes: bool = True  # its last conversation about the story
    bounds: RunBounds = RunBounds()
    prices: tuple[Price, ...] = ()
    timeout_s: float = 3600.0
    idle_timeout_s: float = 900.0
    script: str = ""
    result: str = ""  # a line of output that bears this is its result: it should exit soon
    processes_max: int = 0  # a coarse bound by the system (RLIMIT_NPROC); 0 = none

    @property
    def adapter(self) -> str:
        """The name of its adapter."""
        return self.kind or self.name


class Choice(Struct, frozen=True, kw_only=True):
    """An agent for a story, and the model that it works with; empty: the agent's own choice."""

    agent: str = ""
    model: str = ""
    is_wish: bool = False  # the story itself, or its role, names the model: no setting of all does


class Role(Struct, frozen=True, kw_only=True):
    """What stands behind a name such as frontend-developer in a PRD."""

    name: str
    agent: str = ""
    model: str = ""
    prompt: str = ""  # more for who works in this role
    context: tuple[str, ...] = ()  # globs of the files that it has to know


class ReviewRules(Struct, frozen=True, kw_only=True):
    """Who looks at a story's work before it is merged; nobody where `agent` is empty."""

    agent: str = ""
    model: str = ""
    timeout_s: float = 900.0
    prompt: str = ""  # more for whoever reviews
    is_required: bool = False  # nothing is merged that nobody has reviewed


class AgentRules(Struct, frozen=True, kw_only=True):
    """All that is set about agents. `use` works where a story and its role say nothing."""

    specs: tuple[AgentSpec, ...]  # those that are set; others go by the first one's bounds
    use: str = ""  # empty: the first one
    model: str = ""
    fallback: tuple[str, ...] = ()  # in place of one that has met a limit, or fails for good
    roles: tuple[Role, ...] = ()
    review: ReviewRules = ReviewRules()
    is_insisted: bool = False  # the command line names `use`: no PRD has a say in it
    has_model: bool = False  # likewise `model`
    template: str = ""  # of the prompt; empty: ours
    context_bytes_max: int = 64 << 10  # of a role's files in one prompt

    @property
    def used(self) -> str:
        """The agent that works where nobody else is asked for."""
        return self.use or self.specs[0].name

    def has_agent(self, name: str) -> bool:
        """Say whether this is the name of an agent."""
        return any(each.name == name for each in self.specs)

    def role(self, name: str) -> Role | None:
        """The role of that name."""
        return next((each for each in self.roles if each.name == name), None)

    def spec(self, name: str = "") -> AgentSpec:
        """The agent of this name; where it has no table of its own, with the first one's bounds."""
        wanted = name or self.use or self.specs[0].name
        found = next((each for each in self.specs if each.name == wanted), None)
        return found or replace(
            self.specs[0],
            name=wanted,
            kind="",
            command=(),
            args=(),
            model="",
            models=(),
            account="",
            links=(),
            prices=(),
        )
