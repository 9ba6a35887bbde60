from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from prd_supervise.workers.attempt import homes
from prd_supervise.workers.attempt.homes import OwnHome

LOGIN = ".claude/.credentials.json"
MINUTE_NS = 60_000_000_000


@pytest.fixture
def user(tmp_path: Path) -> Path:
    folder = tmp_path / "user"
    (folder / ".claude").mkdir(parents=True)
    (folder / LOGIN).write_text('{"token": "old"}')
    (folder / LOGIN).chmod(0o600)
    return folder


def own_home(user: Path, *logins: str, name: str = "home", **environ: str) -> OwnHome:
    home = OwnHome(user.parent / name, {"HOME": str(user), **environ}, logins or (LOGIN,))
    home.lay()
    return home


def renew(place: Path, text: str, *, minutes: int) -> None:
    """As a program does it that renews by rename; the clock of files is the test's."""
    fresh = place.with_name("fresh")
    fresh.write_text(text)
    at_ns = 2_000_000_000_000_000_000 + minutes * MINUTE_NS
    os.utime(fresh, ns=(at_ns, at_ns))
    fresh.replace(place)


def test_only_what_it_needs_and_what_there_is_leads_to_the_user_s(user: Path) -> None:
    (user / ".ssh").mkdir()
    (user / ".cargo").mkdir()
    home = own_home(user, LOGIN, ".codex/auth.json")
    links = {str(each.relative_to(home.path)) for each in home.path.rglob("*") if each.is_symlink()}
    assert links == {LOGIN, ".cargo"}
    assert (home.path / LOGIN).read_text() == '{"token": "old"}'
    assert home.path.stat().st_mode & 0o777 == 0o700
    assert home.login_files() == (str(user / LOGIN),)


def test_prose_that_is_linked_besides_is_no_login(user: Path) -> None:
    (user / ".claude/CLAUDE.md").write_text("Use Repository/Service-with-DTO-layering-v2.\n")
    home = own_home(user, LOGIN, ".claude/CLAUDE.md")
    assert (home.path / ".claude/CLAUDE.md").read_text().startswith("Use Repository/")
    assert home.login_files() == (str(user / LOGIN),)


def test_it_persists_and_what_the_agent_made_there_stays(user: Path) -> None:
    home = own_home(user)
    (home.path / ".claude/sessions").mkdir()
    (home.path / ".cargo").mkdir()
    (user / ".cargo").mkdir()
    (user / ".npmrc").touch()
    own_home(user)
    assert (home.path / ".claude/sessions").is_dir()
    assert not (home.path / ".cargo").is_symlink()
    assert (home.path / ".npmrc").is_symlink()


def test_a_link_that_leads_elsewhere_is_put_right(user: Path) -> None:
    home = own_home(user)
    (home.path / LOGIN).unlink()
    (home.path / LOGIN).symlink_to("/etc/passwd")
    home.lay()
    assert (home.path / LOGIN).readlink() == user / LOGIN


def test_a_renewed_login_is_given_back_and_linked_again(user: Path) -> None:
    home = own_home(user)
    renew(home.path / LOGIN, '{"token": "new"}', minutes=1)
    assert home.give_back()
    assert (user / LOGIN).read_text() == '{"token": "new"}'
    assert (user / LOGIN).stat().st_mode & 0o777 == 0o600
    assert (home.path / LOGIN).readlink() == user / LOGIN
    assert not home.give_back()
    assert [path.name for path in (user / ".claude").iterdir()] == [".credentials.json"]


def test_of_two_that_renewed_it_the_newest_wins(user: Path) -> None:
    one, two = own_home(user, name="one"), own_home(user, name="two")
    renew(one.path / LOGIN, '{"token": "second"}', minutes=2)
    renew(two.path / LOGIN, '{"token": "first"}', minutes=1)
    assert one.give_back()
    assert not two.give_back()
    assert (user / LOGIN).read_text() == '{"token": "second"}'
    assert (two.path / LOGIN).read_text() == '{"token": "second"}'


def test_what_a_crash_left_is_given_back_at_the_next_start(user: Path) -> None:
    home = own_home(user)
    renew(home.path / LOGIN, '{"token": "new"}', minutes=1)
    own_home(user)
    assert (user / LOGIN).read_text() == '{"token": "new"}'


@pytest.mark.parametrize("text", ["", " \n", '{"token": "ne', "not json", "[" * 100_000])
def test_a_login_that_is_torn_does_not_spoil_the_user_s(user: Path, text: str) -> None:
    home = own_home(user)
    renew(home.path / LOGIN, text, minutes=1)
    assert not home.give_back()
    assert (user / LOGIN).read_text() == '{"token": "old"}'


def test_a_login_that_is_too_long_is_none(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "_LOGIN_BYTES_MAX", 10)
    home = own_home(user)
    renew(home.path / LOGIN, '{"token": "very long"}', minutes=1)
    assert not home.give_back()


def test_a_login_that_is_itself_a_link_of_the_user_s_stays_one(user: Path) -> None:
    real = user.parent / "dotfiles.json"
    (user / LOGIN).replace(real)
    (user / LOGIN).symlink_to(real)
    home = own_home(user)
    renew(home.path / LOGIN, '{"token": "new"}', minutes=1)
    assert home.give_back()
    assert (user / LOGIN).is_symlink()
    assert real.read_text() == '{"token": "new"}'


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "", "."])
def test_nothing_leads_out_of_the_user_s_home(user: Path, name: str) -> None:
    (user.parent / "x").touch()
    home = own_home(user, name)
    assert [each for each in home.path.rglob("*") if each.is_symlink()] == []


def test_a_pattern_links_what_there_is(user: Path) -> None:
    config = user.parent / "config"
    (config / "gh").mkdir(parents=True)
    (config / "gh/hosts.yml").touch()
    (config / "gh/config.yml").touch()
    home = own_home(user, ".config/gh/*.yml", XDG_CONFIG_HOME=str(config))
    assert (home.path / ".config/gh/hosts.yml").readlink() == config / "gh/hosts.yml"
    assert (home.path / ".config/gh/config.yml").is_symlink()


def test_a_folder_in_a_login_s_place_is_left_alone(user: Path) -> None:
    home = own_home(user)
    (home.path / LOGIN).unlink()
    (home.path / LOGIN).mkdir()
    home.lay()
    assert not home.give_back()
    assert (home.path / LOGIN).is_dir()


def git(home: OwnHome, *words: str) -> str:
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", **home.variables("/run")}
    done = subprocess.run(["git", *words], env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_git_finds_the_user_and_what_the_agent_sets_stays_with_it(user: Path) -> None:
    (user / ".config/git").mkdir(parents=True)
    (user / ".config/git/config").write_text("[user]\n\temail = a@example.com\n")
    (user / 'inner "x"').write_text("[core]\n\teditor = ed\n")
    (user / ".gitconfig").write_text('[user]\n\tname = A\n[include]\n\tpath = "inner \\"x\\""\n')
    home = own_home(user)
    assert git(home, "config", "user.name") == "A"
    assert git(home, "config", "user.email") == "a@example.com"
    assert git(home, "config", "core.editor") == "ed"
    git(home, "config", "--global", "user.name", "Agent")
    own_home(user)
    assert git(home, "config", "user.name") == "Agent"
    assert "Agent" not in (user / ".gitconfig").read_text()


def test_git_goes_by_the_file_that_the_user_s_environment_names(user: Path) -> None:
    named = user.parent / "named.gitconfig"
    named.write_text("[user]\n\tname = B\n")
    (user / ".gitconfig").write_text("[user]\n\tname = A\n")
    home = own_home(user, GIT_CONFIG_GLOBAL=str(named))
    assert git(home, "config", "user.name") == "B"


def test_all_of_xdg_leads_into_it(user: Path) -> None:
    home = own_home(user)
    variables = home.variables("/run/x")
    assert variables.pop("XDG_RUNTIME_DIR") == "/run/x"
    assert all(value.startswith(str(home.path)) for value in variables.values())
    assert variables["XDG_CONFIG_HOME"] == str(home.path / ".config")
