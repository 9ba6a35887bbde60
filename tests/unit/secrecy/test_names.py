from __future__ import annotations

import pytest

from prd_supervise.workers.secrecy.names import SecretNames

SECRET = """
.env  .env.local  apps/web/.env.production  .envrc  keys/server.key  ca.pem  id_rsa  .ssh/id_ed25519
.netrc  .npmrc  .pypirc  credentials.json  a/service-account-prod.json  main.tfvars  .htpasswd
.aws/credentials  home/.aws/credentials  .docker/config.json  x.p12  x.pfx  x.keystore
""".split()
PLAIN = """
.env.example  .env.sample  .env.local.template  environment.py  id_rsa.pub  keys.py  key  README.md
aws/credentials  docker/config.json  main.tf  src/secrets.py  src/credentials.py  pem.txt
""".split()


@pytest.mark.parametrize("name", SECRET)
def test_these_are_secret(name: str) -> None:
    assert SecretNames().match(name)
    assert SecretNames().match(name.encode())


@pytest.mark.parametrize("name", PLAIN)
def test_these_are_not(name: str) -> None:
    assert not SecretNames().match(name)


def test_the_configuration_adds_and_takes_out() -> None:
    names = SecretNames(("deploy/*.txt", "!tests/fixtures/*.key"))
    assert names.match("deploy/passwords.txt")
    assert not names.match("tests/fixtures/server.key")
    assert names.match("server.key")


def test_a_name_that_is_no_text_is_matched_too() -> None:
    assert SecretNames().match(b"caf\xe9/.env")
