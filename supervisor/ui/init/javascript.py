"""Guesses from package.json: its scripts, by the package manager whose lock file stands there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from .folder import Folder, table
from .guess import Guess, Role, setup, verify

FILE = "package.json"
_SCRIPTS = {
    Role.LINT: ("lint:ci", "lint:check", "lint", "eslint"),
    Role.TYPES: ("typecheck", "type-check", "check-types", "types", "tsc", "check"),
    Role.TEST: ("test:ci", "test:run", "test", "test:unit", "unit"),
}
_NO_TEST = "no test specified"
_EVERYWHERE = {  # a script of all packages of a monorepo that have it
    "npm": "npm run {} --workspaces --if-present",
    "pnpm": "pnpm --recursive --if-present run {}",
    "yarn": "yarn workspaces foreach --all run {}",
    "bun": "bun run --filter '*' {}",
}


class _Manager(Struct, frozen=True):
    name: str
    lock: str
    because: str


_LOCKS = (
    ("pnpm-lock.yaml", "pnpm"),
    ("yarn.lock", "yarn"),
    ("bun.lock", "bun"),
    ("bun.lockb", "bun"),
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
)


def guesses(folder: Folder) -> Iterator[Guess]:
    """What package.json says."""
    if FILE not in folder.files:
        return
    package, manager = folder.json(FILE), _manager(folder)
    yield from _setup(folder, package, manager)
    scripts = {
        name: line for name, line in table(package, "scripts").items() if isinstance(line, str)
    }
    said = list(_of_scripts(scripts, manager))
    yield from said
    roles = {guess.role for guess in said}
    if Role.TEST not in roles:
        yield from _without_test(folder, package, scripts, manager)


def _of_scripts(scripts: dict[str, str], manager: _Manager) -> Iterator[Guess]:
    for role, names in _SCRIPTS.items():
        name = next((name for name in names if _is_of_use(scripts.get(name, ""))), "")
        if name:
            because = f'{FILE} has a script "{name}"{manager.because}'
            yield verify(role, _run(name, scripts[name], manager), because, program=manager.name)


def _is_of_use(line: str) -> bool:
    """Say whether a script ends by itself: one that watches files never does."""
    return bool(line) and _NO_TEST not in line and "--watch" not in line.replace("--watchAll=f", "")


def _run(name: str, line: str, manager: _Manager) -> str:
    short = name == "test" and manager.name != "bun"  # `bun test` is a runner of its own
    run = f"{manager.name} {name}" if short else f"{manager.name} run {name}"
    if "react-scripts test" in line:  # it watches, unless it is told that nobody looks
        return f"CI=1 {run}"
    if line.split()[:2] == ["ng", "test"]:
        return f"{run} -- --watch=false"
    return run


def _without_test(
    folder: Folder, package: dict[str, Any], scripts: dict[str, str], manager: _Manager
) -> Iterator[Guess]:
    for name, line in (
        ("turbo.json", "turbo run test"),
        ("nx.json", "nx run-many --target=test"),
    ):
        if name in folder.files:
            runner = {"npm": "npx", "bun": "bunx"}.get(manager.name, f"{manager.name} exec")
            yield verify(Role.TEST, f"{runner} {line}", f"there is {name}", program=manager.name)
            return
    if "workspaces" in package or "pnpm-workspace.yaml" in folder.files:
        line = _EVERYWHERE[manager.name].format("test")
        yield verify(Role.TEST, line, "it is a monorepo of packages", program=manager.name)
    elif "build" in scripts:
        because = f'{FILE} has no script "test", but "build"'
        yield verify(Role.TEST, f"{manager.name} run build", because, program=manager.name)


def _manager(folder: Folder) -> _Manager:
    said = str(folder.json(FILE).get("packageManager") or "").partition("@")[0]
    locks = [(lock, name) for lock, name in _LOCKS if lock in folder.files]
    for lock, name in locks:
        if said in {"", name}:
            return _Manager(name, lock, f", and {lock} is {name}'s")
    if said in _EVERYWHERE:
        return _Manager(said, "", f', and "packageManager" says {said}')
    return _Manager("npm", "", "")


def _setup(folder: Folder, package: dict[str, Any], manager: _Manager) -> Iterator[Guess]:
    if not any(package.get(key) for key in ("dependencies", "devDependencies", "workspaces")):
        return
    line = {
        "npm": "npm ci" if manager.lock else "npm install --no-package-lock",
        "pnpm": "pnpm install --frozen-lockfile" if manager.lock else "pnpm install",
        "yarn": "yarn install --immutable"
        if _is_berry(folder)
        else "yarn install --frozen-lockfile",
        "bun": "bun install --frozen-lockfile" if manager.lock else "bun install",
    }[manager.name]
    yield setup(
        line,
        f"{manager.lock or FILE} is there, and a fresh worktree has no node_modules",
        program=manager.name,
        locks=(manager.lock or FILE,),
        makes=("node_modules",),
    )


def _is_berry(folder: Folder) -> bool:
    manager = str(folder.json(FILE).get("packageManager") or "")
    return ".yarnrc.yml" in folder.files or manager.startswith(("yarn@2", "yarn@3", "yarn@4"))
