"""Guesses for Python: how it is tested, and in which environment a fresh worktree can do that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from .folder import Folder, table
from .guess import Guess, Role, setup, verify

PROJECT = "pyproject.toml"
VENV = ".venv"
_REQUIREMENTS = (
    *("requirements-dev.txt", "requirements-test.txt", "dev-requirements.txt"),
    *("test-requirements.txt", "requirements_dev.txt", "requirements.txt"),
)
_SIGNS = (PROJECT, "setup.py", "setup.cfg", "tox.ini", "noxfile.py", "Pipfile", *_REQUIREMENTS)
_SESSION = re.compile(r"^def (tests?|unit|test_\w+|check)\(", re.MULTILINE)


class _Environment(Struct, frozen=True, kw_only=True):
    """Where its programs are: `run` stands before what is run."""

    run: str
    program: str
    setup: Guess | None


def guesses(folder: Folder) -> Iterator[Guess]:
    """What the files of a Python project say."""
    if not folder.has(*_SIGNS) and "manage.py" not in folder.files:
        return
    locked = _locked(folder)
    own = next(_own_environments(folder), None) if locked is None else None
    if own is not None:  # tox and nox make their environments themselves
        yield own
        return
    test = _test(folder)
    environment = locked or _venv(folder, needs_pytest=test is not None and "pytest" in test[0])
    if environment.setup is not None and (test is not None or locked is not None):
        yield environment.setup
    yield from _lints(folder, environment)
    if test is not None:
        command, because = test
        if not environment.run:
            command = command.replace("python ", "python3 ", 1)
        line = f"{environment.run}{command}"
        yield verify(Role.TEST, line, because, program=environment.program)


def _locked(folder: Folder) -> _Environment | None:
    project = folder.toml(PROJECT)
    for program, line, lock, is_it in (
        ("uv", f"uv sync --frozen{_uv_groups(project)}", "uv.lock", "uv.lock" in folder.files),
        (
            "poetry",
            "poetry install --no-interaction",
            "poetry.lock",
            "poetry.lock" in folder.files or bool(table(project, "tool", "poetry")),
        ),
        ("pdm", "pdm sync", "pdm.lock", "pdm.lock" in folder.files),
        ("pipenv", "pipenv sync --dev", "Pipfile.lock", "Pipfile.lock" in folder.files),
    ):
        if is_it:
            because = f"{lock if lock in folder.files else PROJECT} is {program}'s"
            locks = (lock if lock in folder.files else PROJECT,)
            makes = (VENV,) if program in {"uv", "pdm"} else ()
            made = setup(line, because, program=program, locks=locks, makes=makes)
            return _Environment(run=f"{program} run ", program=program, setup=made)
    scripts = table(project, "tool", "hatch", "envs", "default", "scripts")
    if scripts:
        return _Environment(run="hatch run ", program="hatch", setup=None)
    return None


def _uv_groups(project: dict[str, Any]) -> str:
    """Of the groups and extras that uv does not take by itself, those that have pytest."""
    extras = table(project, "project", "optional-dependencies")
    groups = table(project, "dependency-groups")
    options = [f" --extra {name}" for name in _with_pytest(extras)]
    options += [f" --group {name}" for name in _with_pytest(groups) if name != "dev"]
    return options[0] if options else ""


def _with_pytest(groups: dict[str, Any]) -> list[str]:
    return [
        name
        for name, members in groups.items()
        if re.fullmatch(r"[\w-]+", name)
        and isinstance(members, list)
        and any(isinstance(each, str) and each.startswith("pytest") for each in members)
    ]


def _own_environments(folder: Folder) -> Iterator[Guess]:
    if "noxfile.py" in folder.files:
        found = _SESSION.search(folder.text("noxfile.py"))
        line = f"nox --session {found[1]}" if found else "nox"
        yield verify(Role.TEST, line, "there is noxfile.py", program="nox")
    name = "tox.ini" if "[testenv" in folder.text("tox.ini") else ""
    name = name or (PROJECT if table(folder.toml(PROJECT), "tool", "tox") else "")
    if name:
        because = f"{name} is tox's; the environment py is that of the Python here"
        yield verify(Role.TEST, "tox -q -e py", because, program="tox")


def _test(folder: Folder) -> tuple[str, str] | None:
    """What tests it, and why we think so."""
    scripts = table(folder.toml(PROJECT), "tool", "hatch", "envs", "default", "scripts")
    if "test" in scripts:
        return "test", f'{PROJECT} has a script "test" of hatch\'s'
    why = _why_pytest(folder)
    if why:
        return ("pytest", why)
    if "manage.py" in folder.files:
        return "python manage.py test", "manage.py is Django's"
    for name in ("tests", "test"):
        if name in folder.folders and any(
            each.startswith("test") and each.endswith(".py") for each in folder.inner(name).files
        ):
            return f"python -m unittest discover -s {name} -t .", f"there are files {name}/test*.py"
    return None


def _why_pytest(folder: Folder) -> str:
    tools = table(folder.toml(PROJECT), "tool", "pytest")
    for name, is_so in (
        (f"{PROJECT} has a table [tool.pytest]", bool(tools)),
        ("there is pytest.ini", "pytest.ini" in folder.files),
        ("setup.cfg has a section [tool:pytest]", "[tool:pytest]" in folder.text("setup.cfg")),
        ("tox.ini has a section [pytest]", "[pytest]" in folder.text("tox.ini")),
        ("there is conftest.py", "conftest.py" in folder.files),
        ("there is tests/conftest.py", "conftest.py" in folder.inner("tests").files),
    ):
        if is_so:
            return name
    named = next((name for name in (PROJECT, *_REQUIREMENTS) if _names(folder, name, "pytest")), "")
    return f"{named} names pytest" if named else ""


def _venv(folder: Folder, *, needs_pytest: bool) -> _Environment:
    """One made by Python itself, with what the project says that it needs."""
    wanted, because = _wanted(folder)
    files = (PROJECT, *(each for each in wanted if each in _REQUIREMENTS))
    if needs_pytest and not any(_needs(folder, name, "pytest") for name in files):
        wanted.append("pytest")
    if not wanted:
        return _Environment(run="", program="python3", setup=None)
    newer = " --upgrade-deps" if "--group" in wanted else ""  # an old pip knows no groups
    made = setup(
        f"python3 -m venv{newer} {VENV} && {VENV}/bin/pip install -q {' '.join(wanted)}",
        f"{because or 'pytest'} has to be installed in every fresh worktree",
        program="python3",
        locks=tuple(dict.fromkeys(name for name in (because, *files[1:]) if name)),
        makes=(VENV,),
    )
    return _Environment(run=f"{VENV}/bin/", program="python3", setup=made)


def _wanted(folder: Folder) -> tuple[list[str], str]:
    """What pip has to install, and which file says so."""
    testing = (name for name in _REQUIREMENTS if _names(folder, name, "pytest"))
    named = next(testing, "") or folder.has(*_REQUIREMENTS)
    project = folder.toml(PROJECT)
    if "project" not in project and "setup.py" not in folder.files:
        return (["-r", named], named) if named else ([], "")
    extras = _with_pytest(table(project, "project", "optional-dependencies"))
    groups = _with_pytest(table(project, "dependency-groups"))
    wanted = ["-e", f"'.[{extras[0]}]'" if extras else "."]
    if groups and not extras:
        wanted += ["--group", groups[0]]
    if named and (named != "requirements.txt" or _names(folder, named, "pytest")):
        wanted += ["-r", named]
    return wanted, PROJECT if PROJECT in folder.files else "setup.py"


def _lints(folder: Folder, environment: _Environment) -> Iterator[Guess]:
    project = folder.toml(PROJECT)
    tools = table(project, "tool")
    is_ruff = "ruff" in tools or bool(folder.has("ruff.toml", ".ruff.toml"))
    is_mypy = "mypy" in tools or bool(folder.has("mypy.ini", ".mypy.ini"))
    files = table(tools, "mypy").keys() & {"files", "packages", "modules"}
    for is_it, role, name, line in (
        (is_ruff, Role.LINT, "ruff", "ruff check ."),
        (is_mypy, Role.TYPES, "mypy", "mypy" if files else "mypy ."),
    ):
        where = next((each for each in (PROJECT, *_REQUIREMENTS) if _needs(folder, each, name)), "")
        if is_it and where:
            because = f"{where} names {name}, and it is set up"
            yield verify(role, f"{environment.run}{line}", because, program=environment.program)


def _needs(folder: Folder, name: str, tool: str) -> bool:
    """Say whether a file names a tool as what has to be installed."""
    if name != PROJECT:
        return _names(folder, name, tool)
    return re.search(rf"""["']{tool}["'<>=~!\[]""", folder.text(name)) is not None


def _names(folder: Folder, name: str, tool: str) -> bool:
    return (
        re.search(rf"(?<![\w.-]){tool}(?![\w-])", folder.text(name)) is not None if name else False
    )
