"""Gemini, Qwen, opencode and aider: how they are started, and what small parts of output mean."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.workers.agents.base import AgentRun, Ended, Event, Listener, Terminal, Verdict
from prd_supervise.workers.agents.listeners.aider import AiderListener
from prd_supervise.workers.agents.listeners.gemini import GeminiListener
from prd_supervise.workers.agents.listeners.opencode import OpencodeListener
from prd_supervise.workers.agents.listeners.qwen import QwenListener
from prd_supervise.workers.agents.registry import adapter_for
from prd_supervise.workers.agents.start import prepare
from prd_supervise.workers.messages.agents import AgentSpec
from tests.support.agent_captures import TIME_S

CLIS = ("aider", "gemini", "opencode", "qwen")
RUN = AgentRun(worktree="/w/ALPHA.1", attempt_dir="/a", prompt_file="/a/prompt.md")


def run_in(folder: Path, **fields: Any) -> AgentRun:  # noqa: ANN401  fields of a run
    prompt = folder / "prompt.md"
    prompt.write_text("--help me")
    return AgentRun(
        worktree=str(folder / "ALPHA.1"),
        attempt_dir=str(folder),
        prompt_file=str(prompt),
        **fields,
    )


def gemini() -> GeminiListener:
    return GeminiListener(RUN, clock=lambda: TIME_S, zone=UTC)


def qwen() -> QwenListener:
    return QwenListener(RUN, clock=lambda: TIME_S, zone=UTC)


def opencode() -> OpencodeListener:
    return OpencodeListener(RUN, clock=lambda: TIME_S, zone=UTC)


def judged(listener: Listener, *lines: object, exit_code: int = 0) -> Verdict:
    heard(listener, *lines)
    return listener.finish(Ended(exit_code=exit_code))


def heard(listener: Listener, *lines: object) -> list[Event]:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return [event for text in texts for event in listener.feed(text)]


# --- how they are started ------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLIS)
def test_a_prompt_is_never_an_argument(name: str, tmp_path: Path) -> None:
    spec = AgentSpec(name=name, model="m-1", args=("--further",))
    argv = prepare(adapter_for(name), spec, run_in(tmp_path))

    assert argv[0] == name
    assert "--further" in argv
    assert any(word.endswith("=m-1") for word in argv)
    assert not [word for word in argv if "help me" in word]


@pytest.mark.parametrize("name", CLIS)
def test_the_command_of_the_configuration_takes_the_place_of_the_program(
    name: str, tmp_path: Path
) -> None:
    spec = AgentSpec(name=name, command=("npx", "it"))
    adapter = adapter_for(name)

    assert adapter.argv(spec, run_in(tmp_path))[:2] == ("npx", "it")
    assert adapter.version_argv(spec) == ("npx", "it", "--version")


@pytest.mark.parametrize("name", CLIS)
def test_yolo_is_what_is_asked_for_and_never_at_a_review(name: str, tmp_path: Path) -> None:
    adapter = adapter_for(name)

    def words(*, is_yolo: bool, is_review: bool) -> str:
        spec, run = AgentSpec(name=name, is_yolo=is_yolo), run_in(tmp_path, is_review=is_review)
        return " ".join((*adapter.argv(spec, run), *adapter.env(spec, run).values()))

    plain, review = words(is_yolo=False, is_review=False), words(is_yolo=False, is_review=True)
    assert review != plain
    assert words(is_yolo=True, is_review=True) == review
    assert "mode yolo" not in plain
    assert '"*": "allow"' not in plain
    assert (words(is_yolo=True, is_review=False) != plain) == (name != "aider")


@pytest.mark.parametrize("name", ["gemini", "opencode", "qwen"])
def test_a_conversation_goes_on_only_in_the_worktree_in_which_it_was_held(
    name: str, tmp_path: Path
) -> None:
    adapter, spec = adapter_for(name), AgentSpec(name=name)

    def resumed(session: str) -> bool:
        return any("s-1" in word for word in adapter.argv(spec, run_in(tmp_path, session=session)))

    assert resumed("s-1@ALPHA.1")
    assert not resumed("s-1@ALPHA.2")
    assert not resumed("s-1")
    assert not resumed("--s-1@ALPHA.1")


def test_a_message_to_aider_is_none_of_its_commands(tmp_path: Path) -> None:
    run = run_in(tmp_path)
    Path(run.prompt_file).write_text("!touch /tmp/x")
    argv = prepare(adapter_for("aider"), AgentSpec(name="aider"), run)

    message = Path(argv[-1].removeprefix("--message-file="))
    assert message.read_text().startswith("The task:\n\n!touch")
    cache = Path(run.worktree, ".aider.tags.cache.v4")
    assert (cache / ".gitignore").read_text() == "*\n"


def test_nothing_is_written_through_a_link_in_the_place_of_a_cache(tmp_path: Path) -> None:
    run = run_in(tmp_path)
    Path(run.worktree).mkdir()
    (tmp_path / "users").mkdir()
    Path(run.worktree, ".aider.tags.cache.v4").symlink_to(tmp_path / "users")
    prepare(adapter_for("aider"), AgentSpec(name="aider"), run)

    assert list((tmp_path / "users").iterdir()) == []


# --- gemini --------------------------------------------------------------------------------------


def failed(message: str, **fields: object) -> dict[str, object]:
    error = {"type": "unknown", "message": f"[API Error: {message}]"}
    return {"type": "result", "status": "error", "error": error, **fields}


def test_an_error_of_gemini_is_read_from_the_json_in_its_text() -> None:
    inner = {
        "code": 429,
        "message": "You exceeded your current quota, please check your plan. Please retry in 33s",
        "status": "RESOURCE_EXHAUSTED",
        "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "33.5s"}],
    }
    verdict = judged(gemini(), failed(json.dumps({"error": inner})), exit_code=173)

    assert verdict.kind is OutcomeKind.RATE_LIMITED
    assert verdict.until_s == TIME_S + 33.5
    assert verdict.status == 429
    assert "{" not in verdict.reason


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (41, OutcomeKind.AUTH),
        (53, OutcomeKind.INCOMPLETE),
        (147, OutcomeKind.AUTH),
        (173, OutcomeKind.RATE_LIMITED),
        (247, OutcomeKind.TRANSIENT),
        (7, OutcomeKind.FAILED),
        (-15, OutcomeKind.CRASHED),
    ],
)
def test_the_exit_code_of_gemini_is_a_status_only_where_nothing_else_was_said(
    code: int, kind: OutcomeKind
) -> None:
    assert judged(gemini(), "something odd", exit_code=code).kind is kind
    ok = {"type": "result", "status": "success"}
    said = {"type": "message", "role": "assistant", "content": "Done."}
    assert judged(gemini(), said, ok, exit_code=code).kind is OutcomeKind.NORMAL


def test_what_a_tool_has_printed_is_no_word_of_gemini() -> None:
    begun = {"type": "init", "session_id": "s-1"}
    verdict = judged(gemini(), begun, "Error executing tool sh: 429 rate limit exceeded", "401")
    assert verdict.kind is OutcomeKind.INCOMPLETE


def test_gemini_tells_each_new_try() -> None:
    line = 'Attempt 1 failed with status 503. Retrying with backoff... _ApiError: {"error":{}}'
    listener = gemini()
    heard(listener, line)
    verdict = listener.finish(Ended(exit_code=-9, killed_because=OutcomeKind.STALLED))
    assert (verdict.kind, verdict.status) == (OutcomeKind.TRANSIENT, 503)


def test_a_turn_of_gemini_may_have_words_and_several_tools() -> None:
    listener = gemini()
    piece = {"type": "message", "role": "assistant", "content": "I ", "delta": True}
    tool = {"type": "tool_use", "tool_name": "write_file"}
    answer = {"type": "tool_result", "status": "success"}
    end = {"type": "result", "status": "success"}
    verdict = judged(listener, piece, piece, tool, tool, answer, answer, piece, end)
    assert verdict.usage.requests == 2
    assert verdict.answer == "I "


# --- qwen ----------------------------------------------------------------------------------------


def result(text: str, **fields: object) -> dict[str, object]:
    return {"type": "result", "subtype": "success", "is_error": False, "result": text, **fields}


def message(text: str, tokens: int) -> dict[str, object]:
    content = [{"type": "text", "text": text}]
    usage = {"input_tokens": tokens, "output_tokens": tokens}
    return {"type": "assistant", "message": {"content": content, "usage": usage}}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("401 Incorrect API key provided", OutcomeKind.AUTH),
        ("400 This model's maximum context length is 128000 tokens.", OutcomeKind.CONTEXT),
        ("429 Rate limit reached", OutcomeKind.RATE_LIMITED),
        ("500 The server had an error", OutcomeKind.TRANSIENT),
        ("Model stream ended with empty response text.", OutcomeKind.INCOMPLETE),
    ],
)
def test_a_success_of_qwen_may_be_an_error(error: str, kind: OutcomeKind) -> None:
    text = f"[API Error: {error}]"
    assert judged(qwen(), message(text, 0), result(text)).kind is kind


def test_a_model_that_speaks_of_an_error_has_none() -> None:
    text = "I mended the handling of [API Error: 429 Rate limit reached]"
    assert judged(qwen(), message(text, 9), result(text)).kind is OutcomeKind.NORMAL
    broken = "I will write.[API Error: terminated (cause: other side closed)]"
    assert judged(qwen(), message(broken, 0), result(broken)).kind is OutcomeKind.TRANSIENT


def test_qwen_without_a_login_says_so_in_its_result() -> None:
    error = {"message": "No auth type is selected. Please configure an auth type"}
    end = {"type": "result", "subtype": "error_during_execution", "is_error": True, "error": error}
    assert judged(qwen(), end, exit_code=1).kind is OutcomeKind.AUTH


# --- opencode ------------------------------------------------------------------------------------

SESSION = "ses_1"


def event(kind: str, **part: object) -> dict[str, object]:
    return {"type": kind, "sessionID": SESSION, "part": part}


def error(name: str, **data: object) -> dict[str, object]:
    return {"type": "error", "sessionID": SESSION, "error": {"name": name, "data": data}}


def log(message: str, level: str = "INFO") -> str:
    return f"timestamp=2026-11-21T15:35:44.613Z level={level} run=b1 message={message}"


BEGUN = event("step_start")
STOP = event("step_finish", reason="stop")
LEFT = log(f'"exiting loop" session.id={SESSION}')
SAID = event("text", text="Done.")


def test_the_end_of_opencode_is_that_its_loop_is_left_and_its_last_step_told() -> None:
    for lines in ([BEGUN, SAID, STOP, LEFT], [LEFT, BEGUN, SAID, STOP]):
        listener = opencode()
        heard(listener, BEGUN, *lines[:-1])
        assert listener.heard.terminal is None
        heard(listener, lines[-1])
        assert listener.heard.terminal == Terminal(is_ok=True, text="Done.")


def test_a_summary_is_no_end() -> None:
    going_on = event("text", text="go on", synthetic=True, metadata={"compaction_continue": True})
    listener = opencode()
    heard(listener, BEGUN, SAID, STOP, going_on, BEGUN)
    assert listener.heard.terminal is None
    assert listener.finish(Ended(exit_code=0)).kind is OutcomeKind.INCOMPLETE


def test_another_conversation_that_ends_is_not_the_end() -> None:
    listener = opencode()
    heard(listener, BEGUN, SAID, STOP, log('"exiting loop" session.id=ses_2'))
    assert listener.heard.terminal is None


def test_opencode_without_its_log_is_judged_by_its_last_step() -> None:
    assert judged(opencode(), BEGUN, SAID, STOP).kind is OutcomeKind.NORMAL
    cut = event("step_finish", reason="length")
    assert judged(opencode(), BEGUN, SAID, cut).kind is OutcomeKind.INCOMPLETE
    refused = event("step_finish", reason="tool-calls")
    line = "\x1b[93m!\x1b[0m permission requested: external_directory (/etc/*); auto-rejecting"
    verdict = judged(opencode(), BEGUN, line, refused)
    assert verdict.kind is OutcomeKind.INCOMPLETE
    assert verdict.reason == line.replace("\x1b[93m", "").replace("\x1b[0m", "")


@pytest.mark.parametrize(
    ("name", "data", "kind", "wait_s"),
    [
        ("ProviderAuthError", {"message": "x"}, OutcomeKind.AUTH, None),
        ("ContextOverflowError", {"message": "x"}, OutcomeKind.CONTEXT, None),
        (
            "APIError",
            {"message": "Slow", "statusCode": 429, "responseHeaders": {"retry-after": "30"}},
            OutcomeKind.RATE_LIMITED,
            30,
        ),
        (
            "APIError",
            {
                "message": "x",
                "statusCode": 429,
                "responseBody": '{"error": {"code": "usage_limit_reached","resets_in_seconds": 9}}',
            },
            OutcomeKind.RATE_LIMITED,
            9,
        ),
        (
            "APIError",
            {
                "message": "x",
                "statusCode": 429,
                "responseBody": '{"error": {"code": "insufficient_quota"}}',
            },
            OutcomeKind.BILLING,
            None,
        ),
        ("APIError", {"message": "x", "statusCode": 503}, OutcomeKind.TRANSIENT, None),
        ("APIError", {"message": "Unable to connect."}, OutcomeKind.TRANSIENT, None),
    ],
)
def test_an_error_of_opencode_is_read_from_its_fields(
    name: str, data: dict[str, object], kind: OutcomeKind, wait_s: int | None
) -> None:
    verdict = judged(opencode(), error(name, **data), exit_code=1)
    assert verdict.kind is kind
    assert verdict.until_s == (None if wait_s is None else TIME_S + wait_s)


def test_who_makes_summaries_for_ever_is_ended_at_the_third_overflow() -> None:
    listener = opencode()
    once = [error("ContextOverflowError", message="too long"), BEGUN, SAID, STOP]
    assert not [each for each in heard(listener, *once, *once) if isinstance(each, Terminal)]
    (end,) = [each for each in heard(listener, once[0]) if isinstance(each, Terminal)]
    assert end.kind is OutcomeKind.CONTEXT
    ended = Ended(exit_code=-9, killed_because=OutcomeKind.NORMAL)
    assert listener.finish(ended).kind is OutcomeKind.CONTEXT


def test_what_opencode_tries_again_in_silence_stands_in_its_log() -> None:
    listener = opencode()
    why = '"AI_APICallError: Rate limit reached for m. Please try again in 3600s."'
    line = log(f'"stream error" session.id={SESSION} small=false error.error={why}', "ERROR")
    heard(listener, BEGUN, log(f"stream session.id={SESSION}"), line)
    verdict = listener.finish(Ended(exit_code=-9, killed_because=OutcomeKind.STALLED))
    assert verdict.kind is OutcomeKind.RATE_LIMITED
    assert verdict.usage.requests == 1


def test_a_model_that_opencode_does_not_know_is_told_in_its_log() -> None:
    line = log('failed error="ProviderModelNotFoundError: Model not found: a/b."', "ERROR")
    unknown = error("UnknownError", message="Unexpected server error. Check server logs.")
    verdict = judged(opencode(), line, unknown, exit_code=1)
    assert verdict.kind is OutcomeKind.PERMANENT
    assert "Model not found" in verdict.reason


# --- aider ---------------------------------------------------------------------------------------

TOKENS = "Tokens: 2.3k sent, 1.1k cache hit, 300 received. Cost: $0.01 message, $0.04 session."


def test_aider_ends_with_0_and_its_own_words_say_how() -> None:
    refused = "litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect key"
    assert judged(AiderListener(), refused).kind is OutcomeKind.AUTH
    limit = "litellm.RateLimitError: RateLimitError: slow down"
    assert judged(AiderListener(), limit).kind is OutcomeKind.RATE_LIMITED
    context = "Model openai/m has hit a token limit!"
    assert judged(AiderListener(), TOKENS, context).kind is OutcomeKind.CONTEXT
    assert judged(AiderListener(), limit, "Applied edit to a.txt", TOKENS).kind is (
        OutcomeKind.NORMAL
    )


def test_tokens_of_aider_are_added_and_its_cost_is_the_last() -> None:
    usage = judged(AiderListener(), TOKENS, TOKENS).usage
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens) == (2400, 2200, 600)
    assert usage.cost_usd == 0.04
    assert usage.requests == 2


# --- whatever they say ---------------------------------------------------------------------------

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
_KEYS = st.sampled_from(
    "type subtype role session_id sessionID part reason tokens error data message code stats usage"
    " content result status text tool name is_error responseBody responseHeaders details".split()
)
_TYPES = st.sampled_from(
    "init message tool_use error result assistant user system step_start step_finish text".split()
)
_OBJECTS = st.dictionaries(_KEYS, _JSON | st.dictionaries(_KEYS, _JSON)).flatmap(
    lambda known: _TYPES.map(lambda kind: json.dumps({**known, "type": kind}))
)
_LINES = st.lists(_OBJECTS | st.text() | st.sampled_from([LEFT, TOKENS]), max_size=8)


@given(lines=_LINES, code=st.integers(-64, 255))
def test_no_line_raises(lines: list[str], code: int) -> None:
    for listener in (gemini(), qwen(), opencode(), AiderListener()):
        verdict = judged(listener, *lines, exit_code=code)
        assert "\n" not in verdict.reason
        assert verdict.usage.tokens >= 0
