from __future__ import annotations

import json
import subprocess

import pytest

from prd_supervise.policies.merging.toolchain import Toolchain, detect, format_commands


def found(**texts: str) -> Toolchain:
    """What files with these contents say; in a name, two underscores are a dot, three a dash."""
    named = {name.replace("___", "-").replace("__", "."): text for name, text in texts.items()}
    return detect(frozenset(named), named, lambda _name: True)


def names(chain: Toolchain) -> tuple[list[str], list[str]]:
    return [tool.name for tool in chain.formatters], [tool.name for tool in chain.checks]


@pytest.mark.parametrize(
    ("texts", "formatters"),
    [
        ({"pyproject__toml": "[tool.ruff.format]\n"}, ["ruff"]),
        ({"pyproject__toml": "[tool.ruff]\nline-length = 90\n"}, []),
        ({"ruff__toml": "[format]\n"}, ["ruff"]),
        ({"ruff__toml": "[lint]\n"}, []),
        ({"pyproject__toml": "[tool.black]\n"}, ["black"]),
        ({"__prettierrc": ""}, ["prettier"]),
        ({"__prettierrc__yaml": ""}, ["prettier"]),
        ({"prettier__config__mjs": ""}, ["prettier"]),
        ({"package__json": '{"prettier": {}}'}, ["prettier"]),
        ({"package__json": '{"devDependencies": {"prettier": "3"}}'}, []),
        ({"biome__json": "{}"}, ["biome"]),
        ({"rustfmt__toml": ""}, ["rustfmt"]),
        ({"Cargo__toml": ""}, []),
        ({"__clang___format": ""}, ["clang-format"]),
        ({"go__mod": ""}, ["gofmt"]),
        ({"pyproject__toml": "[tool.black"}, []),
        ({"package__json": "[" * 100_000}, []),
    ],
)
def test_a_formatter_is_one_that_the_repository_is_set_up_for(
    texts: dict[str, str], formatters: list[str]
) -> None:
    assert names(found(**texts))[0] == formatters


@pytest.mark.parametrize(
    ("texts", "command"),
    [
        ({"pyproject__toml": "[tool.mypy]\nfiles = ['a']\n"}, "mypy"),
        ({"pyproject__toml": "[tool.mypy]\nstrict = true\n"}, "mypy ."),
        ({"mypy__ini": "[mypy]\nfiles = a\n"}, "mypy"),
        ({"setup__cfg": "[mypy]\nstrict = true\n"}, "mypy ."),
        ({"setup__cfg": "[metadata]\n"}, ""),
        ({"pyrightconfig__json": "{}"}, "pyright"),
        ({"tsconfig__json": "{}"}, "npx --no-install tsc --noEmit"),
        ({"Cargo__toml": ""}, "cargo check --offline --quiet --workspace --all-targets"),
    ],
)
def test_a_type_check_is_one_that_the_repository_is_set_up_for(
    texts: dict[str, str], command: str
) -> None:
    assert [tool.command for tool in found(**texts).checks] == [command] * bool(command)


def test_rustfmt_is_told_the_edition() -> None:
    cargo = '[package]\nname = "a"\nedition = "2018"\n'
    (tool,) = found(rustfmt__toml="", Cargo__toml=cargo).formatters
    assert tool.command == "rustfmt --edition 2018"
    (tool,) = found(rustfmt__toml="", Cargo__toml='[package]\nedition = "1; rm x"\n').formatters
    assert tool.command == "rustfmt --edition 2021"


def test_a_tool_that_is_not_here_is_known_all_the_same() -> None:
    chain = detect(("go.mod",), {}, lambda _name: False)
    assert [tool.is_here for tool in chain.formatters] == [False]


def test_a_formatter_gets_the_files_that_it_can_read_and_no_others() -> None:
    files = ["a.py", "b c.ts", "-d.py", "e.rs"]
    assert format_commands(["ruff format", "npx --no-install prettier --write"], files) == (
        "ruff format ./a.py ./-d.py",
        "npx --no-install prettier --write './b c.ts'",
    )
    assert format_commands(["uv run black -q", "rustfmt"], ["a.js"]) == ()
    assert format_commands(["./tidy.sh"], ["a.js"]) == ("./tidy.sh ./a.js",)


def test_names_of_files_reach_the_program_as_they_are() -> None:
    files = ["a'b.txt", "$(touch x).txt", "c\nd.txt", "`e`.txt"]
    (command,) = format_commands(["printf '%s\\0'"], files)
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == [f"./{name}" for name in files]


def test_what_is_said_of_a_repository_is_plain_data() -> None:
    chain = found(pyproject__toml="[tool.ruff.format]\n[tool.mypy]\n", tsconfig__json="{}")
    assert json.dumps(names(chain)) == '[["ruff"], ["mypy", "tsc"]]'
