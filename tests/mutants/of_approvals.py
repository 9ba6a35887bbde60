"""Small faults in what people are asked, and in what their answers count for."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

ASKING, WAITS = "supervisor/core/prd/approvals/asking.py", "supervisor/core/prd/approvals/waits.py"
ANSWERS = "supervisor/core/prd/approvals/answers.py"
AT_ROOT = "supervisor/core/root/approvals.py"

OF_APPROVALS = (
    Mutant(ASKING, "    finish(turn, story, run, WAITING)\n    return True", "    return True",
           "who waits for a person keeps its worker and its place"),
    Mutant(ASKING, "    if of_merge is not None and of_merge.word is Word.REJECTED:\n",
           "    if False:\n", "work that was refused waits for ever"),
    Mutant(ASKING, "        elif known.word is Word.REJECTED:\n", "        elif False:\n",
           "a story that was refused waits for ever"),
    Mutant(ASKING, "            if _is_its_turn(turn.prd, story):\n", "            if True:\n",
           "people are asked about what cannot begin yet"),
    Mutant(ASKING, "        if run.stage in _NO_AGENT_YET and waits_for_person(story):\n",
           "        if False:\n", "a story begins under words that nobody has approved"),
    Mutant(ASKING, "    if known is None or known.work != work:\n        turn.record_approval",
           "    if True:\n        turn.record_approval", "people are asked again and again"),
    Mutant(WAITS, 'return f"{memory.head}#{memory.attempt}"', 'return f"{memory.attempt}"',
           "an approval counts for another commit"),
    Mutant(WAITS, 'return f"{memory.head}#{memory.attempt}"', "return memory.head",
           "an approval counts for a later attempt that changes nothing"),
    Mutant(WAITS,
           "    if known.work == words:\n        return known.word is not Word.APPROVED\n", "",
           "an approved story is asked about again"),
    Mutant(WAITS, "        return memory.attempt == 0 or memory.terms.told not in",
           "        return memory.attempt == 0 and memory.terms.told not in",
           "a story begins although nobody was asked"),
    Mutant(WAITS, "    return known is None or known.work != work or known.word is None",
           "    return known is None or known.word is None",
           "an approval of a PRD counts for what came to it later"),
    Mutant(WAITS,
           "    return known if known.work == prd_work(prd) else None",
           "    return known",
           "a PRD is refused for what it was before"),
    Mutant(ANSWERS, "        is_idle = story is not None and bool(awaited_of(story))",
           "        is_idle = True", "work that is being merged can be refused no more"),
    Mutant(ANSWERS, "known.word is None and known.is_about(asked.point, asked.work)",
           "known.word is None", "an answer counts for whatever is asked just now"),
    Mutant(AT_ROOT,
           "        turn.record(PersonAnswered(prd_id=event.prd_id, answer=answer))\n", "",
           "an answer dies with root"),
    Mutant(AT_ROOT, "known.approval.work == word.work:", "True:",
           "an answer is forgotten for another one that was taken"),
)  # fmt: skip
