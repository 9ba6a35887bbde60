from __future__ import annotations

import json
import subprocess
import tomllib
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from tests.conformance.conftest import CHECKOUT

# pip and a registry are waited for, who have limits of their own.
pytestmark = pytest.mark.timeout(900)

FLOORS = ("policies", "workers", "supervisor")
RUN_S_MAX = 120.0

Venv = Callable[..., Path]


def packages_on_disk() -> dict[str, Path]:
    """Every folder with modules in it, by the name that it is installed under."""
    folders = [path.parent for floor in FLOORS for path in (CHECKOUT / floor).rglob("*.py")]
    below = {
        ".".join(("prd_supervise", *folder.relative_to(CHECKOUT).parts)): folder
        for folder in folders
    }
    return {"prd_supervise": CHECKOUT, **below}


def run(
    argv: Sequence[str | Path], cwd: Path, env: Mapping[str, str], code: int = 0
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        argv, cwd=cwd, env=env, capture_output=True, text=True, timeout=RUN_S_MAX, check=False
    )
    assert done.returncode == code, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    return done


def test_the_list_of_packages_is_that_of_the_folders() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    on_disk = packages_on_disk()
    assert sorted(project["tool"]["setuptools"]["packages"]) == sorted(on_disk)
    assert [str(path) for path in on_disk.values() if not (path / "__init__.py").is_file()] == []


def test_type_checkers_see_the_package_by_links() -> None:
    names = ("__init__.py", "__main__.py", "py.typed", *FLOORS)
    links = CHECKOUT / ".types" / "prd_supervise"
    assert {path.name: path.resolve() for path in links.iterdir()} == {
        name: CHECKOUT / name for name in names
    }


@pytest.mark.slow
def test_the_wheel_holds_every_module_and_nothing_else(wheel: Path) -> None:
    expected = {"prd_supervise/py.typed"}
    for name, folder in packages_on_disk().items():
        place = name.replace(".", "/")
        expected |= {f"{place}/{path.name}" for path in folder.glob("*.py")}
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        about = archive.read(metadata).decode()
    info = metadata.partition("/")[0]
    data = info.replace(".dist-info", ".data")
    expected.add(f"{data}/data/share/man/man1/prd-supervise.1")
    assert {name for name in names if not name.startswith(f"{info}/")} == expected
    licences = [name for name in names if name.startswith(f"{info}/licenses/")]
    assert licences == [f"{info}/licenses/LICENSE"]
    assert "\nName: prd-supervise\n" in about
    assert "pytest" not in about


# A user's own modules. Whoever imports one of these has taken the wrong one, and dies of it.
HOSTILE = ("supervisor", "workers", "policies", "prd_supervise", "git")
STANDARD = ("signal", "struct", "pickle", "socket", "selectors", "json", "random", "msgspec")


@pytest.fixture
def repo(tmp_path: Path, env: dict[str, str]) -> Path:
    """A repository with folders of our names, and a PRD whose agent is a script."""
    path = tmp_path / "repo"
    path.mkdir()
    for name in HOSTILE:
        (path / name).mkdir()
        (path / name / "__init__.py").write_text("raise SystemExit('the user\\'s own')\n")
    story = {
        "id": "US-1",
        "title": "make a file",
        "passes": False,
        "acceptanceCriteria": ["made.txt is there"],
        "verify": ["test -s made.txt"],
        "replay": [{"write": {"path": "made.txt", "text": "made\n"}}],
    }
    document = {"project": "TINY", "branchName": "feature/tiny", "userStories": [story]}
    (path / "prd.json").write_text(json.dumps(document, indent=2))
    (path / "prd-supervise.toml").write_text('[agent]\nuse = "replay"\n')
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "base")):
        run(("git", *words), path, env)
    return path


def start(bin_folder: Path, repo: Path, env: Mapping[str, str]) -> None:
    run((bin_folder / "prd-supervise", "start"), repo, env)
    made = run(("git", "show", "feature/tiny:made.txt"), repo, env)
    assert made.stdout == "made\n"


@pytest.mark.slow
def test_the_installed_command_runs_where_the_user_has_folders_of_our_names(
    wheel: Path, venv: Venv, repo: Path, env: dict[str, str]
) -> None:
    bin_folder = venv(wheel)
    version = run((bin_folder / "prd-supervise", "--version"), repo, env).stdout
    assert version == f"prd-supervise, version {wheel.name.split('-')[1]}\n"
    where = "import prd_supervise; print(prd_supervise.__file__)"
    found = run((bin_folder / "python", "-P", "-c", where), repo, env).stdout
    assert Path(found.strip()).is_relative_to(bin_folder.parent), "not the checkout"
    start(bin_folder, repo, env)


@pytest.mark.slow
def test_a_user_s_modules_of_the_standard_library_s_names_are_not_ours(
    wheel: Path, venv: Venv, repo: Path, env: dict[str, str]
) -> None:
    for name in STANDARD:
        (repo / f"{name}.py").write_text("raise SystemExit('the user\\'s own')\n")
    start(venv(wheel), repo, env)


@pytest.mark.slow
@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_we_and_supervisord_live_in_one_environment(
    first: str, wheel: Path, supervisord: Path, venv: Venv, repo: Path, env: dict[str, str]
) -> None:
    bin_folder = venv(*((wheel, supervisord) if first == "ours" else (supervisord, wheel)))
    theirs = "import supervisor.events; print(supervisor.events.ProcessStateEvent.__name__)"
    told = run((bin_folder / "python", "-P", "-c", theirs), repo, env).stdout
    assert told == "ProcessStateEvent\n"
    run((bin_folder / "supervisord", "--version"), repo, env)
    start(bin_folder, repo, env)
