"""Every case of the case files: the product answers it, or it stands among those outside with the reason.

`DUTYDESK_CASES` names another folder of the same shape to run instead of our own.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cases import answers, kinds
from tests.cases.collected import OWN, BadCases, Case, Difference, Outside, read_folder, read_outside
from tests.cases.kinds import UnknownKind, complaints

FOLDER = Path(os.environ.get("DUTYDESK_CASES") or OWN)
OUTSIDE = read_outside()
assert answers.ALL, "the checks register themselves when they are imported"


def _collect() -> tuple[list[Case], str]:
    try:
        return read_folder(FOLDER), ""
    except BadCases as problem:
        return [], str(problem)


CASES, PROBLEM = _collect()


def run(case: Case, outside: Outside) -> None:
    """Fail when the answer to a case is wrong, or when a difference that we know of is none."""
    if reason := outside.kinds.get(case.kind):
        pytest.skip(f"{case.kind} does not concern the product: {reason}")
    wrong = complaints(case)
    known = outside.difference(case)
    if known is None:
        assert not wrong, f"{case}\n" + "\n".join(wrong)
    else:
        assert wrong, f"{case} is as expected; take it out of the known differences ({known.reason})"


def test_the_case_files_can_be_read() -> None:
    assert not PROBLEM


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case: Case) -> None:
    run(case, OUTSIDE)


def test_what_is_outside_is_in_our_own_files() -> None:
    """The list of differences and of kinds that do not concern us cannot rot."""
    own = read_folder(OWN)
    assert set(OUTSIDE.kinds) <= {case.kind for case in own}
    assert not set(OUTSIDE.kinds) & set(kinds.CHECKS)
    stale = [known for known in OUTSIDE.differences if not known.elsewhere and not any(map(known.about, own))]
    assert not stale


def case_of(**entry: object) -> Case:
    """Return a case as a file would hold it."""
    from tests.cases.collected import watched

    whole = {"id": "x-01", "kind": "wall_to_utc", "input": {"wall": "2025-10-01 12:00:00", "zone": "CET"}} | entry
    given, expect = watched(whole["input"]), watched(whole.get("expect", {"utc": "2025-10-01T10:00"}))
    return Case("x.json", str(whole["id"]), str(whole["kind"]), given, expect)


def test_an_unknown_kind_fails_with_its_name() -> None:
    with pytest.raises(UnknownKind, match=r"x\.json, case x-01 \(crystal\): nothing checks the kind “crystal”"):
        run(case_of(kind="crystal"), OUTSIDE)


def test_a_wrong_answer_tells_both() -> None:
    with pytest.raises(AssertionError, match=r"utc: expected '2025-10-01T11:00', got '2025-10-01T10:00'"):
        run(case_of(expect={"utc": "2025-10-01T11:00"}), OUTSIDE)


def test_no_part_of_a_case_is_passed_over() -> None:
    """A field that the check does not read, or an expectation it does not answer, fails."""
    given = {"wall": "2025-10-01 12:00:00", "zone": "CET", "fold": 1}
    assert complaints(case_of(input=given)) == ["the check of this kind passes over the input “fold”"]
    assert complaints(case_of(expect={"offset": 2})) == ["the check of this kind says nothing about “offset”"]


def test_a_difference_that_is_none_fails() -> None:
    """The list of known differences cannot keep what has become the same."""
    listed = Outside({}, (Difference("our choice differs for a good reason", id="x-01"),))
    with pytest.raises(AssertionError, match="take it out of the known differences"):
        run(case_of(), listed)
    run(case_of(expect={"utc": "2025-10-01T11:00"}), listed)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "x.json: this is not JSON"),
        ("{}", "x.json: a case file is a list of cases."),
        ("[1]", "x.json, case number 1: this is not a case."),
        ('[{"id": "a", "kind": "b", "input": 1}]', "x.json, case number 1: expect is missing."),
        (json.dumps([{"id": "a", "kind": "b", "input": 1, "expect": {}}] * 2), "the id a stands there twice."),
    ],
)
def test_a_file_of_another_shape_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "x.json").write_text(text, "utf-8")
    with pytest.raises(BadCases) as refused:
        read_folder(tmp_path)
    assert told in str(refused.value)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadCases, match="no case files"):
        read_folder(tmp_path)
