from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.ui.logs.rendering.pieces import SHOWN_CHARS
from prd_supervise.supervisor.ui.logs.rendering.renderer import CommandRenderer, Renderer
from tests.support.agent_captures import capture, captured

AGENTS = ("claude", "codex", "gemini", "opencode", "qwen")


def shown(*lines: object) -> list[str]:
    """What is shown of these lines; objects stand for their JSON."""
    renderer = Renderer()
    found = [
        line
        for each in lines
        for line in renderer.feed(each if isinstance(each, str) else json.dumps(each))
    ]
    return [line.text for line in (*found, *renderer.rest())]


def assistant(*parts: object, **fields: object) -> dict[str, object]:
    return {"type": "assistant", "session_id": "s", "message": {"content": list(parts)}} | fields


def answered(call: str, content: object, **fields: object) -> dict[str, object]:
    part = {"type": "tool_result", "tool_use_id": call, "content": content} | fields
    return {"type": "user", "session_id": "s", "message": {"content": [part]}}


def called(call: str, name: str, **given: object) -> dict[str, object]:
    return {"type": "tool_use", "id": call, "name": name, "input": given}


def test_claude_is_read_as_a_conversation() -> None:
    tests = "\n".join(f"test {number} passed" for number in range(40)) + "\n40 passed in 2.1 s"
    assert shown(
        {
            "type": "system",
            "subtype": "init",
            "session_id": "s",
            "cwd": "/home/u/shop",
            "model": "claude-opus-5-5",
            "claude_code_version": "2.1.329",
        },
        assistant({"type": "thinking", "thinking": "First the model.\nThen the view."}),
        assistant({"type": "text", "text": "I look at the module first."}),
        assistant(called("a", "Read", file_path="/home/u/shop/src/cart.py")),
        answered("a", "one\ntwo\nthree"),
        assistant(called("b", "Edit", file_path="src/cart.py", old_string="a", new_string="b\nc")),
        answered("b", "The file has been updated."),
        assistant(called("c", "Bash", command="make test\nmake lint", description="Tests")),
        answered("c", [{"type": "text", "text": tests}]),
        assistant(called("d", "Bash", command="make nothing")),
        answered("d", "make: *** No rule to make target", is_error=True),
        assistant({"type": "text", "text": "All done."}),
        {
            "type": "result",
            "subtype": "success",
            "session_id": "s",
            "is_error": False,
            "result": "All done.",
            "duration_ms": 72_300,
            "num_turns": 5,
            "total_cost_usd": 0.125,
            "usage": {"input_tokens": 421, "cache_read_input_tokens": 4000, "output_tokens": 32},
        },
    ) == [
        "= claude-opus-5-5, Claude Code 2.1.329",
        "~ First the model.",
        "~ Then the view.",
        "I look at the module first.",
        "> Read src/cart.py",
        "  3 lines",
        "> Edit src/cart.py (+2 -1)",
        "$ make test (+1 line)",
        "  ... 38 lines",
        "  test 38 passed",
        "  test 39 passed",
        "  40 passed in 2.1 s",
        "$ make nothing",
        "! make: *** No rule to make target",
        "All done.",
        "= done: 1 min 12 s, 5 turns, 4,421 tokens in (4,000 cached), 32 out, $0.1250",
    ]


def test_what_a_helper_of_claude_says_is_indented() -> None:
    said = assistant({"type": "text", "text": "found it"}, parent_tool_use_id="toolu_1")
    assert shown(said) == ["  | found it"]


def test_claude_s_retries_limits_and_refused_tools_are_warnings() -> None:
    retry: dict[str, object] = {"type": "system", "subtype": "api_retry", "session_id": "s"}
    retry |= {"attempt": 1, "max_retries": 10, "retry_delay_ms": 2211, "error_status": 529}
    limit = {"status": "rejected", "rateLimitType": "five_hour"}
    assert shown(
        retry | {"error": "overloaded"},
        {"type": "rate_limit_event", "session_id": "s", "rate_limit_info": limit},
        {
            "type": "result",
            "subtype": "error_max_turns",
            "session_id": "s",
            "is_error": True,
            "permission_denials": [{"tool_name": "Bash"}, {"tool_name": "Bash"}],
        },
    ) == [
        "! 529 overloaded: tries again in 2.2 s (1 of 10)",
        "! usage limit five_hour: rejected",
        "! error max turns",
        "! not allowed: Bash",
        "= ended",
    ]


def test_codex_shows_commands_without_the_shell_around_them_and_how_they_failed() -> None:
    command: dict[str, object] = {
        "type": "command_execution",
        "command": "/bin/bash -lc 'cd src && make test'",
    }
    failed = {"aggregated_output": "2 failed\n", "exit_code": 2, "status": "failed"}
    assert shown(
        {"type": "item.completed", "item": {"type": "reasoning", "text": "Tests first"}},
        {"type": "item.started", "item": command},
        {"type": "item.completed", "item": command | failed},
        {
            "type": "item.completed",
            "item": {"type": "file_change", "changes": [{"path": "a.py", "kind": "update"}]},
        },
        {
            "type": "item.updated",
            "item": {
                "type": "todo_list",
                "items": [
                    {"text": "look", "completed": True},
                    {"text": "mend", "completed": False},
                ],
            },
        },
        {"type": "error", "message": "Reconnecting... 1/5 (429)"},
        {"type": "error", "message": '{"error": {"message": "Usage limit"}}'},
        {"type": "turn.failed", "error": {"message": '{"error": {"message": "Usage limit"}}'}},
    ) == [
        "~ Tests first",
        "$ cd src && make test",
        "! 2 failed",
        "! exit code 2",
        "> update a.py",
        "> plan: 1 of 2 done, next: mend",
        "! Reconnecting... 1/5 (429)",
        "! Usage limit",
    ]


def gemini(kind: str, **fields: object) -> dict[str, object]:
    return {"type": kind, "timestamp": "2026-11-20T22:15:14.685Z"} | fields


def test_gemini_s_pieces_of_text_become_lines_again() -> None:
    pieces = ("I will ", "write\nthe f", "ile.")
    said = [gemini("message", role="assistant", content=each, delta=True) for each in pieces]
    assert shown(
        "YOLO mode is enabled. All tool calls will be automatically approved.",
        *said,
        gemini("tool_use", tool_name="write_file", tool_id="t", parameters={"file_path": "a"}),
        gemini("tool_result", tool_id="t", status="error", error={"message": "no space"}),
        "Attempt 1 failed with status 500. Retrying with backoff... _ApiError: {}",
        "    at retry (file:///opt/node_modules/@google/gemini-cli/bundle/chunk.js:1:2) {",
        "  status: 500",
        "}",
    ) == [
        "I will write",
        "the file.",
        "> write_file a",
        "! no space",
        "! try 1 failed (500), it tries again",
    ]


def test_opencode_s_log_shows_what_went_wrong_and_its_steps_are_added_up() -> None:
    log = "timestamp=2026-11-20T22:15:14 level={} service=llm message={}"
    tokens = {"input": 100, "output": 20, "cache": {"read": 40, "write": 0}}
    step = {"type": "step_finish", "sessionID": "s"}
    assert shown(
        log.format("INFO", "stream"),
        log.format("ERROR", '"stream \\"broke\\" off"'),
        step | {"part": {"reason": "tool-calls", "tokens": tokens, "cost": 0.5}},
        step | {"part": {"reason": "stop", "tokens": tokens, "cost": 0.75}},
    ) == ['! stream "broke" off', "= done: 280 tokens in (80 cached), 40 out, $1.25"]


def test_aider_and_the_replay_agent_are_read_too() -> None:
    assert shown(
        "Tokens: 4.3k sent, 210 received. Cost: $0.02 message, $0.05 session.",
        "litellm.RateLimitError: slow down",
        "Applied edit to src/cart.py",
        'replay: {"activity": "reads"}',
        'replay: {"fail": {"kind": "transient", "text": "overloaded"}}',
        "replay: result: it is done",
    ) == [
        "= Tokens: 4.3k sent, 210 received. Cost: $0.02 message, $0.05 session.",
        "! litellm.RateLimitError: slow down",
        "> Applied edit to src/cart.py",
        "> reads",
        "! overloaded",
        "it is done",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "plain words",
        '{"type": "something else", "x": 1}',
        '{"type": "assistant", "session_id": "s", "message": "half',
        "[1, 2]",
        '{"type": ["assistant"]}',
    ],
)
def test_a_line_that_nobody_knows_is_shown_as_it_stands(line: str) -> None:
    assert shown(line) == [line]


def test_the_way_to_the_worktree_is_left_out() -> None:
    place = "/home/u/shop/.prd-supervise/worktrees/shop.1"
    read = called("a", "Read", file_path=f"{place}/src/cart.py")
    assert shown(assistant(read)) == ["> Read src/cart.py"]
    diff = called("b", "Bash", command=f"diff '{place}/a' {place}/b --label=/home/u/shop/c")
    assert shown(assistant(diff)) == ["$ diff 'a' b --label=/home/u/shop/c"]
    goes = called("b", "Bash", command=f"cd {place} && ls /usr/share")
    assert shown(assistant(goes)) == ["$ cd . && ls /usr/share"]
    flood = called("c", "Read", file_path="/" * 900_000 + "/.prd-supervise/worktrees/" * 100)
    assert len(shown(assistant(flood))) == 1


def test_a_line_that_is_too_long_is_cut_and_says_so() -> None:
    (line,) = shown("x" * (SHOWN_CHARS + 5))
    assert line == "x" * SHOWN_CHARS + " ... (5 characters more: --raw shows them)"


def test_a_verify_command_is_shown_as_it_was_typed_with_the_commit_that_it_ran_on() -> None:
    (line,) = CommandRenderer().feed("== story 49ac3a875287: make test")
    assert line.text == "$ make test  (at 49ac3a875287)"


def test_a_moment_that_a_line_bears_is_kept() -> None:
    (line,) = Renderer().feed(json.dumps(gemini("error", severity="error", message="x")))
    assert line.at == pytest.approx(1795212914.685)


@pytest.mark.parametrize("agent", AGENTS)
def test_of_every_capture_all_is_understood_and_nothing_drives_a_terminal(agent: str) -> None:
    names = captured(agent)
    if not names:
        pytest.skip("the captured output of real agents is not here")
    for name in sorted(names):
        lines = shown(*capture(agent, name).lines)
        assert all(line.isprintable() for line in lines), name
        assert not any(line.startswith('{"') for line in lines), name


NASTY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
MEMBERS = (
    "subtype session_id message content text item usage part tool_use_id result timestamp "
    "tool_name parameters status error stats sessionID rate_limit_info permission_denials todos "
    "name input items changes exit_code aggregated_output tokens state completed is_error"
).split()
TYPES = (
    "system assistant user result rate_limit_event thread.started item.started item.completed "
    "turn.completed turn.failed error init message tool_use tool_result step_finish text"
).split()

INNER_TYPES = (
    "text thinking tool_use tool_result agent_message reasoning command_execution file_change "
    "mcp_tool_call web_search todo_list error tool"
).split()


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(
    kind=st.sampled_from(TYPES),
    members=st.dictionaries(st.sampled_from(MEMBERS), NASTY),
    inner=st.sampled_from(MEMBERS),
    deeper=st.dictionaries(st.sampled_from(MEMBERS), NASTY),
    inner_kind=st.sampled_from(INNER_TYPES),
)
def test_no_event_of_wrong_types_raises_or_drives_a_terminal(
    kind: str, members: dict[str, object], inner: str, deeper: dict[str, object], inner_kind: str
) -> None:
    told: dict[str, object] = {"type": kind, "session_id": "s", "sessionID": "s"}
    part = deeper | {"type": inner_kind, "content": [deeper | {"type": inner_kind}]}
    lines = shown(told | members | {inner: part})
    assert all(line.isprintable() for line in lines)
