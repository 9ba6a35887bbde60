"""Which files are secret by their names: one table, in git's ignore words."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable

# As in .gitignore: the last line that matches decides, and "!" takes a name out again.
TABLE = (
    # Variables
    ".env",
    ".env.*",
    ".envrc",
    "!.env*.example",
    "!.env*.sample",
    "!.env*.template",
    "!.env*.dist",
    "!.env*.defaults",
    "!.env.vault",  # encrypted
    # Keys and certificates
    "*.pem",
    "*.key",
    "*.p8",
    "*.p12",
    "*.pfx",
    "*.ppk",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "!id_*.pub",
    # Programs' own
    ".netrc",
    "_netrc",
    ".npmrc",
    ".pypirc",
    ".pgpass",
    ".my.cnf",
    ".htpasswd",
    ".git-credentials",
    ".dockercfg",
    "**/.docker/config.json",
    "**/.kube/config",
    "**/.aws/credentials",
    ".boto",
    ".s3cfg",
    "**/.streamlit/secrets.toml",
    "credentials.json",
    "client_secret*.json",
    "service-account*.json",
    "service_account*.json",
    "secrets.json",
    "secrets.yml",
    "secrets.yaml",
    "*.tfvars",
    "*.tfvars.json",
    "*.tfstate",
    "*.tfstate.backup",
)


class SecretNames:
    """Knows secret files by their names; `more` are the configuration's words, which go last."""

    def __init__(self, more: Iterable[str] = ()) -> None:
        self._more = tuple(more)

    def match(self, name: str | bytes) -> bool:
        """Say whether a file of this path, from the repository's root, is secret."""
        return _matcher(self._more)(os.fsdecode(name).rstrip("/"))


@functools.cache
def _matcher(more: tuple[str, ...]) -> Callable[[str], bool]:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415  most processes start without it

    return GitIgnoreSpec.from_lines((*TABLE, *more)).match_file
