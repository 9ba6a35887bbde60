from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.mark import mark_done
from prd_supervise.supervisor.prd.model import Plan
from prd_supervise.supervisor.prd.read import read_file, why_no_prd

RALPHY = """\
# tasks for the night
tasks:
  - title: Set up the project
    completed: true
  - title: Write the readme
    description: |
      Short.

      And true.
  - title: Make the cart
    completed: no
    parallel_group: 2
  - title: Make the till
    completed: false
    parallel_group: 1
  - title: Make the door
    completed: false
    parallel_group: 1
"""

RALPH_GOLD = """\
version: 1
metadata: {project: Shop, branch: feature/shop}
tasks:
  - id: 1
    title: A cart
    group: front
    priority: 2
    completed: false
    acceptance: [it holds, it rolls]
  - id: 2
    title: A till
    group: back
    priority: 1
    completed: true
    acceptance:
      - it rings
"""

GRALPH = """\
version: 1
branchName: gralph/shop
tasks:
  - id: AUTH-1
    title: Sign in
    completed: false
    dependsOn: []
    mutex: [db]
    touches: ["src/auth/**"]
  - id: AUTH-2
    title: Sign out
    completed: false
    dependsOn: [AUTH-1]
    mutex: db
    parallel_group: 3
"""

PHASE_PLAN = """\
updated_at: 2025-01-01T10:00:00Z
phases:
  - id: phase-1
    name: Base
    status: done
    description: The base of it all.
    acceptance_criteria: [it stands]
    deps: []
    test_command: make test
    branch: feature/base
  - id: phase-2
    name: Walls
    status: todo
    description: Four of them.
    acceptance_criteria:
      - they stand
    deps: [phase-1]
    parallel_group: walls
"""

SIGNALS = """\
name: Shop
budget: "$18"
max_agents: 3
stages:
  - name: base
    steps:
      - title: A cart
        role: backend
        completion_signals:
          - type: path_exists
            value: src/cart.py
  - name: top
    depends_on: [base]
    steps:
      - goal: A till
        role: backend
        completion_signals: [{type: test_passes, command: make till}]
"""

RALPH = """\
project: Shop
userStories:
- id: US-001
  title: A cart
  acceptanceCriteria:
  - it holds
  passes: false
- id: 1.10
  title: A till
  passes: false
  dependsOn: US-001
"""


def plan_of(folder: Path, text: str) -> Plan:
    path = folder / "tasks.yaml"
    path.write_text(text, encoding="utf-8")
    reading = read_file(path)
    assert [str(each) for each in reading.errors] == []
    assert len(reading.plans) == 1
    return reading.plans[0]


def test_groups_of_tasks_without_ids_are_batches_one_after_the_other(tmp_path: Path) -> None:
    stories = plan_of(tmp_path, RALPHY).stories
    project, readme, _, till, door = (story.story_id for story in stories)
    assert project.startswith("set-up-the-project-")
    assert stories[0].is_done
    assert stories[1].description == "Short.\n\nAnd true."
    assert [story.after for story in stories] == [
        (),
        (project,),
        (till, door),
        (readme,),
        (readme,),
    ]
    assert [story.group for story in stories] == ["", "", "2", "1", "1"]
    assert all(story.depends_on == () for story in stories)


def test_tasks_with_ids_have_groups_as_labels(tmp_path: Path) -> None:
    gold = plan_of(tmp_path, RALPH_GOLD)
    assert [story.story_id for story in gold.stories] == ["1", "2"]
    assert [story.group for story in gold.stories] == ["front", "back"]
    assert gold.stories[0].criteria == ("it holds", "it rolls")
    assert [story.is_done for story in gold.stories] == [False, True]
    assert (gold.title, gold.branch) == ("Shop", "feature/shop")
    gralph = plan_of(tmp_path, GRALPH).stories
    assert gralph[0].files == ("src/auth/**",)
    assert [story.mutex for story in gralph] == [("db",), ("db",)]
    assert gralph[1].depends_on == ("AUTH-1",)
    assert gralph[1].after == ()


def test_a_phase_without_tasks_is_a_story(tmp_path: Path) -> None:
    base, walls = plan_of(tmp_path, PHASE_PLAN).stories
    assert (base.story_id, base.title, base.is_done) == ("phase-1", "Base", True)
    assert base.verify == ("make test",)
    assert walls.depends_on == ("phase-1",)
    assert walls.criteria == ("they stand",)
    assert walls.group == "walls"


def test_phases_that_say_nothing_of_dependencies_come_one_after_the_other(tmp_path: Path) -> None:
    text = "phases:\n" + "".join(
        f"- {{id: p{at}, name: P, description: d, status: todo{group}}}\n"
        for at, group in enumerate(["", ", parallel_group: a", ", parallel_group: a", ""])
    )
    stories = plan_of(tmp_path, text).stories
    assert [story.depends_on for story in stories] == [(), ("p0",), ("p0",), ("p1", "p2")]


def test_signals_of_completion_are_criteria_and_are_not_run(tmp_path: Path) -> None:
    cart, till = plan_of(tmp_path, SIGNALS).stories
    assert cart.criteria == ("path_exists src/cart.py",)
    assert till.title == "A till"
    assert till.criteria == ("test_passes make till",)
    assert (cart.verify, till.verify) == (None, None)
    assert till.depends_on == (cart.story_id,)


def test_a_form_of_json_may_be_written_in_yaml(tmp_path: Path) -> None:
    cart, till = plan_of(tmp_path, RALPH).stories
    assert till.story_id == "1.10"
    assert till.depends_on == (cart.story_id,)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (RALPHY, "completed: no\n", "completed: true\n"),
        (RALPHY, "Write the readme\n", "Write the readme\n    completed: true\n"),
        (RALPH_GOLD, "completed: false", "completed: true"),
        (GRALPH, "completed: false\n    dependsOn: []", "completed: true\n    dependsOn: []"),
        (PHASE_PLAN, "status: todo", "status: done"),
        (
            SIGNALS,
            "        role: backend\n        completion_signals:\n",
            "        role: backend\n        passes: true\n        completion_signals:\n",
        ),
        (RALPH, "  passes: false\n- id", "  passes: true\n- id"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_story_is_marked_in_the_words_of_its_form(
    tmp_path: Path, text: str, old: str, new: str, newline: str, mark: str
) -> None:
    before = (mark + text).replace("\n", newline)
    after = before.replace(old.replace("\n", newline), new.replace("\n", newline))
    path = tmp_path / "prd"
    path.write_bytes(before.encode())
    found = [
        mark_done(before.encode(), story.story_id)
        for plan in read_file(path).plans
        for story in plan.stories
        if not story.is_done
    ]
    assert after.encode() in found


FOREIGN = {
    "a playbook": "- hosts: all\n  tasks:\n  - name: Install it\n    apt: {name: x, state: y}\n",
    "a role": "- name: Install it\n  apt: {name: x}\n- name: Start it\n  when: y\n  service: {}\n",
    "a role with tags": "- name: Install it\n  tags: [a]\n  become: true\n  notify: [b]\n",
    "a pipeline": "kind: Pipeline\nspec:\n  tasks:\n  - name: build\n    taskRef: {name: b}\n",
    "tasks of a pipeline": "tasks:\n- name: build\n  taskRef: {name: b}\n  runAfter: [fetch]\n",
    "a workflow": "on: push\njobs:\n  a:\n    steps:\n    - name: Check\n      run: make\n",
    "stages of jobs": "stages:\n- stage: a\n  jobs:\n  - job: b\n    steps:\n    - script: make\n",
    "stages as words": "stages: [build, test]\nbuild:\n  stage: build\n  script: [make]\n",
    "services": "services:\n  web: {image: x, depends_on: [db]}\n  db: {image: y}\n",
    "a task file": "version: '3'\ntasks:\n  build:\n    desc: Build it\n    cmds: [make]\n",
    "hooks": "repos:\n- repo: x\n  hooks:\n  - id: ruff\n    name: Ruff\n",
    "a chart": "features:\n- name: a\n  enabled: true\n- name: b\n  enabled: false\n",
    "items": "items:\n- name: a\n  status: active\n- name: b\n  status: closed\n",
    "two documents": "kind: A\nspec: {a: [b]}\n---\nkind: B\nspec: {a: [b]}\n",
    "buckets of phases": "phases:\n  install: {commands: [make]}\n  build: {commands: [make]}\n",
    "words": "title: A\nnav: [a, b]\n",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_the_yaml_of_other_programs_is_no_prd(name: str, tmp_path: Path) -> None:
    path = tmp_path / "tasks.yaml"
    path.write_text(FOREIGN[name])
    reading = read_file(path)
    assert reading.plans == ()
    assert reading.errors
    assert why_no_prd(path)
