"""The settings: their names and defaults, and how the layers of their origins are merged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from ....policies.notices import EVENTS
from ...prd.defect import Defect, advice, printable, quoted
from .agents import BudgetsSettings, NamedAgentSettings, ReviewSettings, RoleSettings
from .layers import (
    PREFIX,
    Layer,
    environment_layer,
    file_layer,
    override_layer,
    repository_layer,
    user_file,
)
from .limits import LimitSettings, Size, limit_defects
from .merging import MergeSettings, OnFailureName
from .naming import named_in, naming_defects
from .parallel import ParallelSettings
from .schema import fields, keys_of
from .values import (
    Commands,
    Count,
    CountOrNone,
    Days,
    Globs,
    Line,
    Name,
    Names,
    Points,
    RestartName,
    Seconds,
    StrategyName,
    Variables,
    Wait,
    Words,
    Workers,
)
from .window_check import WINDOW, window_defects
from .worktree import WorktreeSettings

_ITSELF = "[key]"  # pydantic's last step to what is wrong about the name of a table


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AgentSettings(_Table):
    """[agent]: what works on a story."""

    use: Line = "command"
    model: Line = ""
    fallback: Names = ()
    resume: Literal["session", "fresh"] = "session"
    yolo: bool = False
    prompt: Line = ""  # a template, as a path in the repository
    context_max: Size = 64 << 10
    api_rate: CountOrNone = 0  # starts a minute, over all agents; 0: no bound
    command: Words = ()
    timeout_s: Seconds = 3600.0
    idle_timeout_s: Seconds = 900.0
    result: Line = ""
    env: Variables = ()
    secret_env: Variables = ()


class VerifySettings(_Table):
    """[verify]: what shows that a story is done."""

    commands: Commands = ()
    timeout_s: Seconds = 900.0
    env: Variables = ()


class SupervisionSettings(_Table):
    """How a supervisor restarts its children, in OTP's words."""

    strategy: StrategyName = "one_for_one"
    restart: RestartName = "transient"
    intensity: CountOrNone = 5
    period_s: Seconds = 300.0
    backoff_base_s: Wait = 1.0
    backoff_cap_s: Wait = 60.0


class LivenessSettings(_Table):
    """[liveness]: what is done about a process of the tree that is silent for so long."""

    warn_s: Seconds = 5.0
    dump_s: Seconds = 10.0
    terminate_s: Seconds = 15.0
    kill_s: Seconds = 25.0


class RestartSettings(SupervisionSettings):
    """[restart]: how a PRD supervisor restarts stories, and how often a story is tried again."""

    max_attempts: Count = 3
    max_memory_kills: Count = 3
    max_hangs: Count = 3
    prds: SupervisionSettings = SupervisionSettings()

    @property
    def of_prds(self) -> SupervisionSettings:
        """[restart.prds]: how root restarts PRD supervisors; window and backoff default to ours."""
        window = self.model_dump(include={*WINDOW})
        return SupervisionSettings(**window | self.prds.model_dump(exclude_unset=True))


class KeepSettings(_Table):
    """[keep]: how long what is finished is kept."""

    days: Days = 30.0  # 0: for ever


class Settings(_Table):
    """Everything that can be set."""

    prds: Globs = ()
    max_prds: Count = 3
    max_workers: Workers = 3  # stories at once in one PRD; 0 = no bound
    api_limit: Count = 10
    grace_s: Seconds = 60.0
    fail_fast: bool = False
    progress_every_s: Wait = 30.0  # of the lines that tell how far a run is; 0: none
    on_failure: OnFailureName = "keep"
    notify: Words = ()  # a command, with placeholders
    notify_on: Names = EVENTS
    webhook: Line = ""
    webhook_headers: Commands = ()  # `Name: value`, in which $VARIABLES are replaced
    metrics_textfile: Line = ""  # for node_exporter; from the repository's root where relative
    approve: Points = ()
    agent: AgentSettings = AgentSettings()
    agents: dict[Name, NamedAgentSettings] = {}
    roles: dict[Name, RoleSettings] = {}
    review: ReviewSettings = ReviewSettings()
    budget: BudgetsSettings = BudgetsSettings()
    verify: VerifySettings = VerifySettings()
    restart: RestartSettings = RestartSettings()
    liveness: LivenessSettings = LivenessSettings()
    limits: LimitSettings = LimitSettings()
    parallel: ParallelSettings = ParallelSettings()
    merge: MergeSettings = MergeSettings()
    worktree: WorktreeSettings = WorktreeSettings()
    keep: KeepSettings = KeepSettings()


def load_settings(
    repository: Path, *, environ: Mapping[str, str], overrides: Mapping[str, object]
) -> tuple[Settings | None, tuple[Defect, ...]]:
    """Merge the settings of all origins key by key, or say every defect of all of them.

    `overrides` are the command line's: `{"max_prds": 2, "agent.use": "replay"}`.
    """
    user = user_file(environ)
    environment, unknown = environment_layer(environ, dict(fields(Settings)))
    found = [
        file_layer(user) if user is not None else None,
        repository_layer(repository),
        environment,
        override_layer(overrides),
    ]
    layers = [layer for layer in found if isinstance(layer, Layer)]
    defects = [defect for defect in found if isinstance(defect, Defect)]
    names = named_in(layers)
    for layer in layers:
        told = (*_defects(layer), *naming_defects(layer, names))
        defects.extend(sorted(told, key=lambda each: (each.line, each.column)))
    defects.extend(_unknown_variable(name, environment) for name in unknown)
    if defects:
        return None, tuple(defects)
    merged: dict[str, object] = {}
    for layer in layers:
        _merge(merged, layer.values)
    settings = Settings.model_validate(merged)
    windows = {("restart",): settings.restart, ("restart", "prds"): settings.restart.of_prds}
    defects.extend(window_defects(windows, layers))
    defects.extend(limit_defects(settings.limits, layers))
    return (None, tuple(defects)) if defects else (settings, ())


def _defects(layer: Layer) -> Iterable[Defect]:
    # Every setting has a default, so that a layer can be checked alone, and named as the culprit.
    try:
        Settings.model_validate(layer.values)
    except ValidationError as error:
        for detail in error.errors():
            yield _defect(detail, layer)


def _defect(detail: ErrorDetails, layer: Layer) -> Defect:
    key = tuple(part for part in detail["loc"] if isinstance(part, str) and part != _ITSELF)
    name, found = layer.name(key), quoted(detail["input"])
    match detail["type"]:
        case "extra_forbidden":
            todo = advice(key[-1], keys_of(Settings, key[:-1]))
            message = f"unknown key {quoted('.'.join(key))}; {todo}"
        case "model_type" | "dict_type":
            message = f"{name}: {found} was found; it should be a table [{name}]"
        case "tuple_type":
            message = f"{name}: {found} was found; it should be a list of texts"
        case "value_error" if isinstance(detail["input"], list | tuple):
            message = f"{name}: {detail['ctx']['error']}"  # which names the one that is meant
        case "value_error":
            message = f"{name}: {found} was found; {detail['ctx']['error']}"
        case _:
            message = f"{name}: {found} was found; it {detail['msg'].removeprefix('Input ')}"
    return layer.defect(key, message)


def _unknown_variable(name: str, layer: Layer) -> Defect:
    allowed = sorted(known.removeprefix(PREFIX) for known in layer.names.values())
    hint = advice(name.removeprefix(PREFIX), allowed, prefix=PREFIX)
    return Defect(path=layer.path, message=f"{printable(name)}: this is no setting; {hint}")


def _merge(into: dict[str, object], values: Mapping[str, object]) -> None:
    for key, value in values.items():
        inner = into.get(key)
        if isinstance(inner, dict) and isinstance(value, dict):
            _merge(inner, value)
        else:
            into[key] = dict(value) if isinstance(value, dict) else value
