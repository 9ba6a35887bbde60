"""`make mutants`: put each small fault into a copy of the project; see which suite catches it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT))

from tests.mutants.mutant import Mutant
from tests.mutants.mutants import MUTANTS

PRODUCT = ("supervisor", "workers", "policies", "__init__.py", "py.typed")
# The quick ones first: a fault that one of them catches costs a second or two.
SUITES = (
    "tests/unit/policies",
    "tests/unit/core",
    "tests/unit/workers/agents/meaning",
    "tests/conformance/otp",
    "tests/property",
    "tests/explored",
    "tests/simulation",
)
SUITES_S_MAX = 900.0
SURVIVED = "SURVIVED"
_FAILED = re.compile(r"^(?:FAILED|ERROR) ([^:\s]+)", re.MULTILINE)


def main() -> int:
    """Print who catches what; 1 if a fault survives or is no longer found."""
    only = os.environ.get("ONLY", "")
    chosen = [each for each in MUTANTS if only in each.why]
    with tempfile.TemporaryDirectory(prefix="prd-mutants-") as folder:
        sound = _copy_of_checkout(Path(folder, "sound"))
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            jobs = [
                pool.submit(_caught_by, sound, Path(folder, str(number)), mutant)
                for number, mutant in enumerate(chosen)
            ]
            without_any = pool.submit(_first_failure, sound)
            for mutant, job in zip(chosen, jobs, strict=True):
                print(f"{job.result():52} {mutant.why} ({mutant.file})", flush=True)
    if without_any.result():
        print(f"without any fault, {without_any.result()} fails, too: nothing can be told")
        return 1
    counts = Counter(job.result().partition("/test_")[0] for job in jobs)
    print(f"{len(chosen)} faults: {dict(counts.most_common())}")
    return 1 if counts[SURVIVED] else 0


def _caught_by(sound: Path, place: Path, mutant: Mutant) -> str:
    """Name the first test file that fails."""
    shutil.copytree(sound, place)
    path = place / "prd_supervise" / mutant.file
    path.write_text(mutate(path.read_text(encoding="utf-8"), mutant), encoding="utf-8")
    try:
        return _first_failure(place).removeprefix("tests/") or SURVIVED
    finally:
        shutil.rmtree(place)


def _copy_of_checkout(place: Path) -> Path:
    """Copy what the suites need: what is edited meanwhile does not disturb them."""
    package = place / "prd_supervise"
    package.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    for name in PRODUCT:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, package / name, ignore=ignored)
        else:
            shutil.copy(source, package / name)
    for name in ("tests", "bench"):
        shutil.copytree(CHECKOUT / name, place / name, ignore=ignored)
    shutil.copy(CHECKOUT / "pyproject.toml", place)
    return place


def mutate(text: str, mutant: Mutant) -> str:
    """Put the fault in; ValueError if its text is not there exactly once."""
    if text.count(mutant.text) != 1:
        raise ValueError(f"{mutant.file} has {text.count(mutant.text)} times: {mutant.text}")
    return text.replace(mutant.text, mutant.replacement)


def _first_failure(place: Path) -> str:
    """Run the suites, in order, to their first failure; name its file, nothing if all pass."""
    suites = [suite for suite in SUITES if (place / suite).exists()]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *suites]
    env = os.environ | {"PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=place, env=env, capture_output=True, check=False, timeout=SUITES_S_MAX
        )
    except subprocess.TimeoutExpired:
        return f"no end after {SUITES_S_MAX:g} s"
    if done.returncode == 0:
        return ""
    text = done.stdout.decode(errors="replace")
    found = _FAILED.search(text)
    return found.group(1) if found else f"pytest ended with {done.returncode}: {text[-300:]}"


if __name__ == "__main__":
    sys.exit(main())
