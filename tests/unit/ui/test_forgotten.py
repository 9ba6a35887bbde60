from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.repository.checkout import find_checkout
from prd_supervise.supervisor.ui.settings.config import Settings, VerifySettings
from prd_supervise.supervisor.ui.settings.forgotten import forgotten_warnings


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("sh new.sh", ["new.sh"]),
        ("FILE=./new.sh; sh $FILE", ["new.sh"]),
        ('sh "[a].sh" new.sh new.sh', ["[a].sh", "new.sh"]),
        ("sh known.sh a.sh ../outside.sh missing.sh", []),
        (f"echo {'x' * 5000} 'unbalanced", []),
    ],
)
def test_only_what_is_here_and_unknown_to_git_is_told(
    tmp_path: Path, command: str, named: list[str]
) -> None:
    for name in ("outside.sh", "here/known.sh", "here/a.sh"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("true\n", encoding="utf-8")
    here = tmp_path / "here"
    identity = ("-c", "user.name=U", "-c", "user.email=u@example.org")
    for words in (("init", "-q"), ("add", "-A"), (*identity, "commit", "-q", "-m", "base")):
        subprocess.run(("git", *words), cwd=here, check=True, capture_output=True)
    for name in ("new.sh", "[a].sh"):
        (here / name).write_text("true\n", encoding="utf-8")
    settings = Settings(verify=VerifySettings(commands=(command,)))

    found = forgotten_warnings(settings, (), find_checkout(here), {})

    assert [each.message.split(" is here")[0] for each in found] == named
