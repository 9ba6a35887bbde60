"""[agents.NAME], [roles.NAME], [review] and [budget]: who works, with which model, for how much."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ....policies.bounds import COUNT_MAX, TOKENS_MAX
from ....policies.costs.budget import Budget
from ....policies.costs.price import Price
from ....workers.messages.agents import AgentSpec, Home, ReviewRules, Role, RunBounds
from .limits import Size
from .values import CountOrNone, HomePaths, InnerGlobs, Line, Seconds, Variables, Words

Tokens = Annotated[int, Field(ge=0, le=TOKENS_MAX)]
Dollars = Annotated[float, Field(ge=0, le=COUNT_MAX, allow_inf_nan=False)]

ANY_MODEL = "*"  # in place of the beginning of a model's name
_BOUNDS = RunBounds()


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PriceSettings(_Table):
    """What a million tokens of one model cost, in US dollars."""

    input: Dollars = 0.0
    cached: Dollars = 0.0
    output: Dollars = 0.0


class BudgetSettings(_Table):
    """How much may be spent; 0 is no bound."""

    budget_usd: Dollars = 0.0
    budget_tokens: Tokens = 0

    def budget(self) -> Budget:
        """Translate it."""
        return Budget(usd=self.budget_usd, tokens=self.budget_tokens)


class BudgetsSettings(BudgetSettings):
    """[budget]: of the whole run, and below it of each PRD and of each story."""

    prd: BudgetSettings = BudgetSettings()
    story: BudgetSettings = BudgetSettings()


class NamedAgentSettings(_Table):
    """[agents.NAME]: one agent; what is not said here is [agent]'s."""

    kind: Line = ""  # the adapter; default: the name itself
    command: Words = ()
    args: Words = ()
    env: Variables = ()
    secret_env: Variables = ()
    model: Line = ""
    models: dict[str, Line] = {}
    account: Line = ""
    api_limit: CountOrNone = 0
    api_rate: CountOrNone = 0
    home: Literal["own", "user"] | None = None
    links: HomePaths = ()
    yolo: bool | None = None
    resume: Literal["session", "fresh"] | None = None
    timeout_s: Seconds | None = None
    idle_timeout_s: Seconds | None = None
    result: Line = ""
    requests_max: CountOrNone = _BOUNDS.requests
    idle_requests_max: CountOrNone = _BOUNDS.idle_requests
    turns_max: CountOrNone = _BOUNDS.turns
    output_max: Size = _BOUNDS.output_bytes
    cost_max_usd: Dollars = 0.0
    prices: dict[str, PriceSettings] = {}

    def spec(self, name: str, base: AgentSpec) -> AgentSpec:
        """Translate it; `base` has what [agent] says of such an agent."""
        return AgentSpec(
            name=name,
            kind=self.kind,
            command=self.command or base.command,
            args=self.args,
            env=(*base.env, *self.env, *self.secret_env),
            model=self.model or base.model,
            fits=base.fits,
            models=tuple(self.models.items()),
            account=self.account,
            home=None if self.home is None else Home(self.home),
            links=self.links,
            is_yolo=base.is_yolo if self.yolo is None else self.yolo,
            resumes=base.resumes if self.resume is None else self.resume == "session",
            bounds=RunBounds(
                requests=self.requests_max,
                idle_requests=self.idle_requests_max,
                turns=self.turns_max,
                output_bytes=self.output_max,
                cost_usd=self.cost_max_usd,
            ),
            prices=tuple(
                Price(model="" if model == ANY_MODEL else model, **price.model_dump())
                for model, price in self.prices.items()
            ),
            timeout_s=self.timeout_s or base.timeout_s,
            idle_timeout_s=self.idle_timeout_s or base.idle_timeout_s,
            result=self.result,
            processes_max=base.processes_max,
        )


class RoleSettings(_Table):
    """[roles.NAME]: what stands behind such a name in a PRD."""

    agent: Line = ""
    model: Line = ""
    prompt: str = ""
    context: InnerGlobs = ()

    def role(self, name: str) -> Role:
        """Translate it."""
        return Role(
            name=name,
            agent=self.agent,
            model=self.model,
            prompt=self.prompt,
            context=self.context,
        )


class ReviewSettings(_Table):
    """[review]: who looks at a story's work before it is merged; it can only refuse."""

    agent: Line = ""
    model: Line = ""
    timeout_s: Seconds = 900.0
    prompt: str = ""
    required: bool = False

    def rules(self) -> ReviewRules:
        """Translate it."""
        return ReviewRules(
            agent=self.agent,
            model=self.model,
            timeout_s=self.timeout_s,
            prompt=self.prompt,
            is_required=self.required,
        )
