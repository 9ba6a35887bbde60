from __future__ import annotations

from pathlib import Path

from prd_supervise.policies.bounds import AUTO_WORKERS
from prd_supervise.policies.notices import EVENTS
from prd_supervise.supervisor.ui.settings.config import Settings, load_settings

SUPERVISION = {
    "strategy": "one_for_one",
    "restart": "transient",
    "intensity": 5,
    "period_s": 300.0,
    "backoff_base_s": 1.0,
    "backoff_cap_s": 60.0,
}


def put(folder: Path, text: str, name: str = "prd-supervise.toml") -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def load(
    folder: Path,
    environ: dict[str, str] | None = None,
    overrides: dict[str, object] | None = None,
) -> Settings:
    settings, defects = load_settings(folder, environ=environ or {}, overrides=overrides or {})
    assert defects == ()
    assert settings is not None
    return settings


# What holds without any configuration, by table.
LIMITS_DEFAULTS = {
    "memory_high": 4 << 30,
    "memory_max": 6 << 30,
    "cpu_percent": 0.0,
    "cpu_kill": False,
    "processes": 512,
    "prd_memory_max": 0,
    "run_memory_max": 0,
    "run_cpu_percent": 0.0,
    "memory_reserve": 256 << 20,
}
PARALLEL_DEFAULTS = {
    "conflict_strategy": "entity",
    "compare_s": 30.0,
    "pace_s": 20.0,
    "busy_percent": 60.0,
    "inference": "files",
    "similarity": "tfidf",
    "threshold": 0.8,
    "similar": 0.5,
    "files_weight": 1.0,
    "text_weight": 1.0,
}
MERGE_DEFAULTS = {
    "base": "",
    "auto": False,
    "allow_protected": False,
    "push": False,
    "push_timeout_s": 120.0,
    "reconcile": True,
    "fallback": True,
    "speculate": True,
    "cars_max": 8,
    "checks": None,
    "formatters": None,
}
WORKTREE_DEFAULTS = {
    "root": "",
    "setup": (),
    "setup_when": (),
    "setup_timeout_s": 900.0,
    "copied": (),
    "link": (),
    "sparse": (),
    "free_min": 1 << 30,
    "kept": 5,
    "secret_files": (),
}

AGENT_DEFAULTS = {
    "use": "command",
    "model": "",
    "fallback": (),
    "resume": "session",
    "yolo": False,
    "prompt": "",
    "context_max": 64 << 10,
    "api_rate": 0,
    "command": (),
    "timeout_s": 3600.0,
    "idle_timeout_s": 900.0,
    "result": "",
    "env": (),
    "secret_env": (),
}
NO_BUDGET = {"budget_usd": 0.0, "budget_tokens": 0}


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings == Settings()
    assert settings.model_dump() == {
        "prds": (),
        "max_prds": 3,
        "max_workers": 3,
        "api_limit": 10,
        "grace_s": 60.0,
        "fail_fast": False,
        "progress_every_s": 30.0,
        "metrics_textfile": "",
        "notify": (),
        "notify_on": EVENTS,
        "webhook": "",
        "webhook_headers": (),
        "on_failure": "keep",
        "approve": (),
        "agent": AGENT_DEFAULTS,
        "agents": {},
        "roles": {},
        "review": {"agent": "", "model": "", "timeout_s": 900.0, "prompt": "", "required": False},
        "budget": NO_BUDGET | {"prd": NO_BUDGET, "story": NO_BUDGET},
        "verify": {"commands": (), "timeout_s": 900.0, "env": ()},
        "restart": SUPERVISION
        | {"max_attempts": 3, "max_memory_kills": 3, "max_hangs": 3, "prds": SUPERVISION},
        "liveness": {"warn_s": 5.0, "dump_s": 10.0, "terminate_s": 15.0, "kill_s": 25.0},
        "limits": LIMITS_DEFAULTS,
        "parallel": PARALLEL_DEFAULTS,
        "merge": MERGE_DEFAULTS,
        "worktree": WORKTREE_DEFAULTS,
        "keep": {"days": 30.0},
    }


# Another value than the default for each key and table of the whole.
OTHER_VALUES = """\
prds = ["work/*"]
max_prds = 1
max_workers = 0
api_limit = 2
grace_s = 0.5
fail_fast = true
progress_every_s = 5.0
metrics_textfile = "night.prom"
notify = ["wall", "{title}"]
notify_on = ["prd_failed"]
webhook = "https://example.org/hook"
webhook_headers = ["X-Night: yes"]
on_failure = "rollback"
approve = ["merge", "prd"]
[agent]
use = "replay"
command = ["./agent.sh", "-x"]
timeout_s = 5
idle_timeout_s = 6
result = "<promise>COMPLETE</promise>"
env = ["TOKEN"]
fallback = ["second"]
[agents.second]
kind = "claude"
model = "opus"
models = { low = "haiku" }
prices = { "" = { input = 3, output = 15 } }
[roles.backend]
agent = "second"
context = ["docs/api/**"]
[review]
agent = "second"
[budget]
prd = { budget_usd = 20 }
[verify]
commands = ["make test", "make lint"]
timeout_s = 7
env = ["CI"]
[restart]
max_attempts = 1
intensity = 0
period_s = 8
backoff_base_s = 0
backoff_cap_s = 0
[liveness]
warn_s = 1
dump_s = 2
terminate_s = 3
kill_s = 4
[limits]
processes = 9
[parallel]
inference = "hybrid"
[merge]
base = "trunk"
[worktree]
root = "../trees"
copy = [".env"]
[keep]
days = 7
"""


def test_every_key_can_be_set_in_the_file(tmp_path: Path) -> None:
    put(tmp_path, OTHER_VALUES)
    settings = load(tmp_path)
    default = Settings()
    for name in Settings.model_fields:
        assert getattr(settings, name) != getattr(default, name)
    assert settings.agent.command == ("./agent.sh", "-x")
    assert settings.agent.result == "<promise>COMPLETE</promise>"
    assert settings.verify.commands == ("make test", "make lint")
    assert settings.worktree.copied == (".env",)
    assert settings.agents["second"].models == {"low": "haiku"}
    assert settings.agents["second"].prices[""].output == 15.0
    assert settings.roles["backend"].context == ("docs/api/**",)
    assert settings.budget.prd.budget_usd == 20.0


def test_stories_at_once_are_a_number_or_found_out(tmp_path: Path) -> None:
    assert load(tmp_path, overrides={"max_workers": "auto"}).max_workers == AUTO_WORKERS
    assert load(tmp_path, {"PRD_SUPERVISE_MAX_WORKERS": "auto"}).max_workers == AUTO_WORKERS
    assert load(tmp_path, {"PRD_SUPERVISE_MAX_WORKERS": "4"}).max_workers == 4


def test_the_nearer_origin_wins_key_by_key(tmp_path: Path) -> None:
    home = tmp_path / "home"
    put(home, "max_prds = 11\nmax_workers = 11\napi_limit = 11\ngrace_s = 11", USER)
    put(tmp_path, "max_prds = 12\nmax_workers = 12\napi_limit = 12\n[agent]\ntimeout_s = 12")
    environ = {
        "HOME": str(home),
        "PRD_SUPERVISE_MAX_PRDS": "13",
        "PRD_SUPERVISE_MAX_WORKERS": "13",
        "PRD_SUPERVISE_AGENT_IDLE_TIMEOUT_S": "13",
    }
    settings = load(tmp_path, environ, {"max_prds": 14, "agent.use": "replay", "api_limit": None})
    assert (settings.max_prds, settings.max_workers) == (14, 13)
    assert (settings.api_limit, settings.grace_s) == (12, 11.0)
    agent = settings.agent
    assert (agent.timeout_s, agent.idle_timeout_s, agent.use) == (12.0, 13.0, "replay")


USER = ".config/prd-supervise/config.toml"


def test_the_user_file_follows_xdg(tmp_path: Path) -> None:
    put(tmp_path / "x", "max_prds = 9", "prd-supervise/config.toml")
    put(tmp_path / "home", "max_prds = 8", USER)
    home = {"HOME": str(tmp_path / "home")}
    assert load(tmp_path, {**home, "XDG_CONFIG_HOME": str(tmp_path / "x")}).max_prds == 9
    assert load(tmp_path, {**home, "XDG_CONFIG_HOME": "x"}).max_prds == 8
    assert load(tmp_path, {"XDG_CONFIG_HOME": "x", "HOME": ""}).max_prds == 3


def test_pyproject_is_read_where_there_is_no_file_of_our_own(tmp_path: Path) -> None:
    put(tmp_path, "[tool.prd-supervise]\nmax_prds = 5\n", "pyproject.toml")
    assert load(tmp_path).max_prds == 5
    put(tmp_path, "max_workers = 4")
    assert load(tmp_path).max_prds == 3


# --- the environment ---------------------------------------------------------------------------


def test_environment_variables_are_read_by_the_type_of_their_setting(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        {
            "PRD_SUPERVISE_GRACE_S": "2.5",
            "PRD_SUPERVISE_FAIL_FAST": "TRUE",
            "PRD_SUPERVISE_PRDS": "a/*\nb/*",
            "PRD_SUPERVISE_AGENT_COMMAND": "agent 'with space' -x",
            "PRD_SUPERVISE_AGENT_ENV": "A,B C",
            "PRD_SUPERVISE_VERIFY_COMMANDS": "make a, b\n\nmake c\n",
            "PRD_SUPERVISE_MERGE_BASE": "12",
        },
    )
    assert settings.grace_s == 2.5
    assert settings.fail_fast is True
    assert settings.prds == ("a/*", "b/*")
    assert settings.agent.command == ("agent", "with space", "-x")
    assert settings.agent.env == ("A", "B", "C")
    assert settings.verify.commands == ("make a, b", "make c")
    assert settings.merge.base == "12"


def test_what_agents_are_told_is_no_setting(tmp_path: Path) -> None:
    names = [
        "PRD_ID",
        "STORY_ID",
        "STORY_TITLE",
        "ATTEMPT",
        "WORKTREE",
        "PROMPT_FILE",
        "BASE",
        "RUN",
    ]
    assert load(tmp_path, {f"PRD_SUPERVISE_{name}": "x" for name in names}) == Settings()


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    put(tmp_path, 'max_prds = 5\n[verify]\ncommands = ["make"]')
    empty = {"PRD_SUPERVISE_MAX_PRDS": "", "PRD_SUPERVISE_VERIFY_COMMANDS": ""}
    settings = load(tmp_path, empty)
    assert (settings.max_prds, settings.verify.commands) == (5, ("make",))
