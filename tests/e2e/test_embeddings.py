"""Texts of stories compared by a language model, on the installed command."""

from __future__ import annotations

import json

import pytest

from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree
from tests.unit.prd.test_embeddings import installed, is_installed

ASKED = ("--inference-mode", "text")


@pytest.fixture
def told(repo: Repo) -> None:
    """A PRD in which two stories mean nearly the same, and settings that ask for the model."""
    repo.prd(
        story("A", title="Add a login form with a password field", acceptanceCriteria=["it works"]),
        story(
            "B", title="Add a sign-in form that asks the password", acceptanceCriteria=["it works"]
        ),
        story("C", title="Draw a map of the harbour", acceptanceCriteria=["it is drawn"]),
    )
    repo.configure(parallel={"similarity": "embeddings", "similar": 0.6})
    repo.commit()


@pytest.mark.usefixtures("told")
@pytest.mark.skipif(is_installed(), reason="the extra `embeddings` is installed")
@pytest.mark.parametrize("command", ["start", "plan"])
def test_without_the_extra_nothing_begins_and_it_is_said_what_to_install(
    repo: Repo, tree: Tree, command: str
) -> None:
    refused = tree.run(command, *ASKED, code=78).err
    assert refused.startswith("prd-supervise.toml:")
    assert "pip install 'prd-supervise[embeddings]'" in refused
    assert not repo.state.exists()
    assert "warning: parallel.similarity" in tree.run("check", code=0).out


@installed
@pytest.mark.usefixtures("told")
def test_plan_says_by_which_method_texts_were_compared_and_leaves_no_trace(
    repo: Repo, tree: Tree
) -> None:
    found = json.loads(tree.run("plan", *ASKED, "--json", code=0).out)
    assert found["prds"][0]["similarity"] == "embeddings"
    assert [pair["stories"] for pair in found["alike"]] == [["ALPHA/B", "ALPHA/A"]]
    assert "inference: text by embeddings" in tree.run("plan", *ASKED, code=0).out
    assert not repo.state.exists()


@installed
@pytest.mark.usefixtures("told")
def test_a_run_goes_through_with_the_model(repo: Repo, tree: Tree) -> None:
    tree.run("start", *ASKED, code=0)
    assert repo.state.exists()
