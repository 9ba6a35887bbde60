from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.supervisor.ui.settings.config import Settings, load_settings

USER = ".config/prd-supervise/config.toml"


def put(folder: Path, text: str, name: str = "prd-supervise.toml") -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def defects_of(
    folder: Path,
    environ: dict[str, str] | None = None,
    overrides: dict[str, object] | None = None,
) -> list[str]:
    settings, defects = load_settings(folder, environ=environ or {}, overrides=overrides or {})
    assert settings is None
    return [str(defect.relative_to(folder)) for defect in defects]


def test_a_broken_pyproject_is_ours_only_if_it_names_us(tmp_path: Path) -> None:
    put(tmp_path, "[tool.ruff\n", "pyproject.toml")
    assert load_settings(tmp_path, environ={}, overrides={}) == (Settings(), ())
    put(tmp_path, "[tool.prd-supervise\n", "pyproject.toml")
    assert defects_of(tmp_path)[0].startswith("pyproject.toml:1:20: this is not TOML: ")


@pytest.mark.parametrize(
    ("name", "value", "defect"),
    [
        ("MAX_PRDS", "two", "MAX_PRDS: 'two' was found; it should be a valid integer"),
        ("MAX_PRDS", "0", "MAX_PRDS: 0 was found; it should be greater than or equal to 1"),
        ("GRACE_S", "nan", "GRACE_S: nan was found; it should be a finite number"),
        ("FAIL_FAST", "ja", "FAIL_FAST: 'ja' was found; it should be a valid boolean"),
        ("AGENT_USE", "x", "AGENT_USE: 'x' is no agent; allowed are aider, claude, codex, "),
        ("AGENT_FALLBACK", "codex gemni", "AGENT_FALLBACK: 'gemni' is no agent; did you mean"),
        ("AGENT_COMMAND", "a 'b", 'AGENT_COMMAND: "a \'b" was found; a quotation in it has no'),
        ("MAX_PRD", "2", "MAX_PRD: this is no setting; did you mean 'PRD_SUPERVISE_MAX_PRDS'?"),
        ("XYZ", "2", "XYZ: this is no setting; allowed are PRD_SUPERVISE_AGENT_API_RATE, "),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, name: str, value: str, defect: str) -> None:
    found = defects_of(tmp_path, {f"PRD_SUPERVISE_{name}": value})
    assert len(found) == 1
    assert found[0].startswith(f"environment: PRD_SUPERVISE_{defect}")


@pytest.mark.parametrize(
    ("line", "defect"),
    [
        ("max_prds = true", "max_prds: true was found; it should be a valid integer"),
        ("max_prds = '3'", "max_prds: '3' was found; it should be a valid integer"),
        ("max_prds = 3.0", "max_prds: 3.0 was found; it should be a valid integer"),
        ("max_prds = 0", "max_prds: 0 was found; it should be greater than or equal to 1"),
        ("max_prds = 99999", "max_prds: 99999 was found; it should be less than or equal to"),
        (
            "max_workers = -1",
            "max_workers: -1 was found; write how many stories may run at once, 0 for no bound",
        ),
        ("grace_s = 0", "grace_s: 0 was found; it should be greater than 0"),
        ("grace_s = inf", "grace_s: inf was found; it should be a finite number"),
        ("grace_s = true", "grace_s: true was found; it should be a valid number"),
        ("fail_fast = 1", "fail_fast: 1 was found; it should be a valid boolean"),
        (
            "approve = 'always'",
            "approve: 'always' was found; write 'story', 'merge', 'prd', or a list",
        ),
        (
            "approve = ['prd', 'x']",
            "approve: 'x' is no such point; write 'story', 'merge', 'prd', ",
        ),
        ("approve = true", "approve: true was found; write 'story', 'merge', 'prd', or a list of"),
        ("approve = [1]", "approve: 1 is no such point; write 'story', 'merge', 'prd', or a list"),
        ("prds = 'x'", "prds: 'x' was found; it should be a list of texts"),
        ("prds = [1]", "prds: 1 was found; it should be a valid string"),
        ("prds = ['/a']", "prds: '/a' is no pattern from the repository's"),
        ("prds = ['']", "prds: '' is no pattern"),
        ("agent = 1", "agent: 1 was found; it should be a table [agent]"),
        ("agent.use = 'x'", "agent.use: 'x' is no agent; allowed are aider, claude, codex, "),
        ("agent.use = 'cluade'", "agent.use: 'cluade' is no agent; did you mean 'claude'?"),
        ("agent.fallback = ['x']", "agent.fallback: 'x' is no agent; allowed are aider, claude"),
        ("agent.fallback = ['qwen', 'qwen']", "agent.fallback: 'qwen' stands there twice; once is"),
        (
            "agent = {use = 'codex', fallback = ['codex']}",
            "agent.fallback: 'codex' is what agent.use says already; name agents that can take its",
        ),
        ("agent.resume = 'x'", "agent.resume: 'x' was found; it should be 'session' or 'fresh'"),
        ("agents = 1", "agents: 1 was found; it should be a table [agents]"),
        ("agents.claude = 1", "agents.claude: 1 was found; it should be a table [agents.claude]"),
        ("agents.claude.modl = 'x'", "unknown key 'agents.claude.modl'; did you mean 'model'?"),
        ("agents.claude.models = 1", "agents.claude.models: 1 was found; it should be a table ["),
        ("agents.claude.models.low = 1", "agents.claude.models.low: 1 was found; it should be a"),
        (
            "agents.claude.models.meduim = 'x'",
            "agents.claude.models.meduim: 'meduim' is no complexity; did you mean 'medium'?",
        ),
        (
            "agents.claude.models = {low = 'x', simple = 'y'}",
            "agents.claude.models.simple: 'simple' is the same complexity as 'low'; keep one",
        ),
        (
            "agents.cluade.model = 'x'",
            "agents.cluade: 'cluade' is no kind of agent; did you mean [",
        ),
        ("agents.work.kind = 'cluade'", "agents.work.kind: 'cluade' is no kind of agent; did you"),
        ("agents.'a b'.kind = 'codex'", "agents.a b: 'a b' was found; letters, digits, '.', '_' a"),
        ("agents.claude.home = 'x'", "agents.claude.home: 'x' was found; it should be 'own' or 'u"),
        ("roles.back.agnt = 'x'", "unknown key 'roles.back.agnt'; did you mean 'agent'?"),
        (
            "roles.back.agent = 'x'",
            "roles.back.agent: 'x' is no agent; allowed are aider, claude, ",
        ),
        ("roles.claude.agent = 'codex'", "roles.claude: 'claude' is an agent already; give the ro"),
        ("roles.back.context = ['/a']", "roles.back.context: '/a' is no pattern from the reposito"),
        ("review.agent = 'x'", "review.agent: 'x' is no agent; allowed are aider, claude, codex"),
        (
            "budget.prd.usd = 1",
            "unknown key 'budget.prd.usd'; allowed are budget_usd, budget_tokens",
        ),
        (
            "agents.claude.prices.opus.inptu = 1",
            "unknown key 'agents.claude.prices.opus.inptu'; did you mean 'input'?",
        ),
        ("budget.budget_usd = -1", "budget.budget_usd: -1 was found; it should be greater than or"),
        ("agent.command = ['']", "agent.command: the first word is the program"),
        ("agent.command = ['a\\u0000']", "agent.command: no NUL character"),
        ("agent.result = 'a\\tb'", "agent.result: 'a\\tb' was found; write a text of one line"),
        ("agent.env = ['A=1']", "agent.env: 'A...' is no name of an environment"),
        (
            "agents.claude.secret_env = ['sk-ant-api03-0123456789abcdef']",
            "agents.claude.secret_env: 'sk-ant-api03...' is no name of an environment",
        ),
        (
            "agents.claude.links = ['../x']",
            "agents.claude.links: '../x' is no path below your HOME; write one such as",
        ),
        (
            "agents.claude.links = ['/etc/x']",
            "agents.claude.links: '/etc/x' is no path below your HOME; write one such as",
        ),
        ("verify.commands = 'x'", "verify.commands: 'x' was found; it should be a list of texts"),
        ("verify.commands = [' ']", "verify.commands: no command may be empty"),
        ("merge.base = '-x'", "merge.base: '-x' was found; a branch starts with neither"),
        ("max_prd = 3", "unknown key 'max_prd'; did you mean 'max_prds'?"),
        ("zzz = 3", "unknown key 'zzz'; allowed are prds, max_prds, max_workers, api_limit, "),
        ("agent.tiemout_s = 3", "unknown key 'agent.tiemout_s'; did you mean 'timeout_s'?"),
        ("merge.zzz = 3", "unknown key 'merge.zzz'; allowed are base"),
    ],
)
def test_a_wrong_setting_says_what_and_what_is_allowed(
    tmp_path: Path, line: str, defect: str
) -> None:
    put(tmp_path, "\n  " + line.replace("'", '"') + "\n")
    found = defects_of(tmp_path)
    assert len(found) == 1
    assert found[0].startswith(f"prd-supervise.toml:2:3: {defect}")


def test_all_defects_of_all_origins_come_at_once_with_their_places(tmp_path: Path) -> None:
    home = tmp_path / "home"
    put(home, "max_prds = 0", USER)
    put(
        tmp_path,
        """# max_workers = 1
grace_s = -1
[ agent ]  # about agents
  'use' = "x"
command = [
  3,
]
[verify]
zzz = 1
[limit]
memory_max = "1GiB"
""",
    )
    environ = {"HOME": str(home), "PRD_SUPERVISE_API_LIMIT": "x"}
    shown = [
        line.split(";")[0] for line in defects_of(tmp_path, environ, {"agent": {"use": "gpt"}})
    ]
    assert shown == [
        "home/.config/prd-supervise/config.toml:1:1: max_prds: 0 was found",
        "prd-supervise.toml:2:1: grace_s: -1 was found",
        "prd-supervise.toml:4:3: agent.use: 'x' is no agent",
        "prd-supervise.toml:5:1: agent.command: 3 was found",
        "prd-supervise.toml:9:1: unknown key 'verify.zzz'",
        "prd-supervise.toml:10:2: unknown key 'limit'",
        "environment: PRD_SUPERVISE_API_LIMIT: 'x' was found",
        "command line: agent.use: 'gpt' is no agent",
    ]


def test_places_in_pyproject_are_those_of_its_table(tmp_path: Path) -> None:
    text = "[tool.other]\nmax_prds = 0\n[tool.prd-supervise]\nmax_prds = 0\n"
    put(tmp_path, text + "[tool.prd-supervise.agent]\nuse = 1\n", "pyproject.toml")
    assert [line.split(" ")[0] for line in defects_of(tmp_path)] == [
        "pyproject.toml:4:1:",
        "pyproject.toml:6:1:",
    ]


def test_a_key_in_an_inline_table_has_the_place_of_the_table(tmp_path: Path) -> None:
    put(tmp_path, '\nagent = { use = "x" }')
    assert defects_of(tmp_path)[0].startswith("prd-supervise.toml:2:1: agent.use: 'x'")


def test_our_table_in_pyproject_must_be_one(tmp_path: Path) -> None:
    put(tmp_path, "[tool]\nprd-supervise = 1\n", "pyproject.toml")
    assert defects_of(tmp_path) == [
        "pyproject.toml:2:1: tool.prd-supervise is 1; a table is needed"
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("max_prds = \n", "1:12"),
        ("\nmax_prds 3\n", "2:10"),
        ("a = 1\na = 2\n", "2:6"),
        ('a = "', "1:6"),
        ("a = [\n", "2:1"),
        ("a = " + "[" * 50_000, "1:1"),
    ],
)
def test_what_is_no_toml_has_a_place(tmp_path: Path, text: str, place: str) -> None:
    put(tmp_path, text)
    found = defects_of(tmp_path)
    assert len(found) == 1
    assert found[0].startswith(f"prd-supervise.toml:{place}: ")


def test_a_file_that_cannot_be_read_is_a_defect(tmp_path: Path) -> None:
    (tmp_path / "prd-supervise.toml").mkdir()
    assert defects_of(tmp_path) == [
        "prd-supervise.toml: this is no regular file; a file of text is needed"
    ]
    (tmp_path / "prd-supervise.toml").rmdir()
    (tmp_path / "prd-supervise.toml").write_bytes(b"# \xff\n")
    assert defects_of(tmp_path) == [
        "prd-supervise.toml:1:3: byte 0xff is not UTF-8; save the file as UTF-8"
    ]
