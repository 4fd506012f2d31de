"""What a plan does with new, changed, moved, doubled, retired and missing files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.discovery import FoundFile
from ingest.plan import Duplicate, Gone, HashedFile, Moved, Plan, Read, Restored, Step, Twin, Unchanged, make_plan
from kbchat.store import SourceState


def _file(name: str) -> FoundFile:
    return FoundFile(Path("/docs") / name, name, 1)


def _state(number: int, sha: str, because: str = "") -> SourceState:
    return SourceState(number, number, sha, bool(because), because or None)  # type: ignore[arg-type]


def _plan(now: dict[str, str], stored: dict[str, SourceState], there: tuple[str, ...] = ()) -> Plan:
    """``now`` maps file names to content, ``there`` are paths outside this run that exist."""
    return make_plan(
        [HashedFile(_file(name), sha) for name, sha in sorted(now.items())],
        {f"/docs/{name}" if not name.startswith("/") else name: state for name, state in stored.items()},
        is_gone=lambda source: source.removeprefix("/docs/") not in now and source not in there,
        is_in_scope=lambda source: source.startswith("/docs/"),
    )


def _steps(plan: Plan) -> dict[str, Step]:
    return {step.file.shown: step for step in plan.steps}


def test_new_changed_and_unchanged() -> None:
    steps = _steps(
        _plan({"new": "n", "changed": "c2", "same": "s"}, {"changed": _state(1, "c1"), "same": _state(2, "s")})
    )
    assert steps["new"] == Read(_file("new"), "n")
    assert steps["changed"] == Read(_file("changed"), "c2")
    assert steps["same"] == Unchanged(_file("same"), 2)


def test_same_bytes_under_another_name_that_is_still_there() -> None:
    steps = _steps(_plan({"a": "x", "b": "x"}, {"a": _state(1, "x")}))
    assert steps["b"] == Duplicate(_file("b"), "/docs/a")


def test_same_bytes_in_a_folder_of_another_run() -> None:
    steps = _steps(_plan({"b": "x"}, {"/other/a": _state(1, "x")}, there=("/other/a",)))
    assert steps["b"] == Duplicate(_file("b"), "/other/a")


def test_two_new_files_of_the_same_bytes_are_read_once() -> None:
    steps = _steps(_plan({"a": "x", "b": "x", "c": "x"}, {}))
    assert steps["a"] == Read(_file("a"), "x")
    assert steps["b"] == Twin(_file("b"), "x", _file("a"))
    assert steps["c"] == Twin(_file("c"), "x", _file("a"))


def test_moved_file_takes_its_document_along() -> None:
    plan = _plan({"sub/a": "x"}, {"a": _state(1, "x")})
    assert plan.steps == (Moved(_file("sub/a"), 1, "/docs/a"),)
    assert plan.gone == ()


def test_moved_and_copied_file_is_moved_once() -> None:
    steps = _steps(_plan({"b": "x", "c": "x"}, {"a": _state(1, "x")}))
    assert steps["b"] == Moved(_file("b"), 1, "/docs/a")
    assert steps["c"] == Duplicate(_file("c"), "/docs/b")


def test_new_file_at_the_path_of_a_moved_one_is_new() -> None:
    steps = _steps(_plan({"a": "y", "b": "x"}, {"a": _state(1, "x")}))
    assert steps["b"] == Moved(_file("b"), 1, "/docs/a")
    assert steps["a"] == Read(_file("a"), "y")


def test_new_version_renamed_over_the_old_replaces_both() -> None:
    steps = _steps(_plan({"leaflet": "v2"}, {"leaflet": _state(1, "v1"), "leaflet-new": _state(2, "v2")}))
    assert steps["leaflet"] == Read(_file("leaflet"), "v2", replaces=2)


def test_swapped_files_are_both_read() -> None:
    steps = _steps(_plan({"a": "y", "b": "x"}, {"a": _state(1, "x"), "b": _state(2, "y")}))
    assert steps["a"] == Read(_file("a"), "y", replaces=2)
    assert steps["b"] == Read(_file("b"), "x", replaces=1)


def test_path_that_became_a_copy_gives_up_its_earlier_content() -> None:
    steps = _steps(_plan({"a": "x", "b": "x"}, {"a": _state(1, "x"), "b": _state(2, "old")}))
    assert steps["b"] == Duplicate(_file("b"), "/docs/a", stale=2)


@pytest.mark.parametrize("name", ["a", "elsewhere"])
def test_what_a_person_retired_stays_retired_wherever_it_lies(name: str) -> None:
    (step,) = _plan({name: "x"}, {"a": _state(1, "x", "person")}).steps
    assert isinstance(step, Unchanged | Moved)
    assert step.retired


def test_copy_of_what_a_person_retired_is_not_taken_in() -> None:
    steps = _steps(_plan({"a": "x", "b": "x"}, {"a": _state(1, "x", "person")}))
    assert steps["b"] == Duplicate(_file("b"), "/docs/a", retired=True)


def test_new_version_of_a_retired_document_is_read() -> None:
    assert _plan({"a": "y"}, {"a": _state(1, "x", "person")}).steps == (Read(_file("a"), "y"),)


def test_file_that_was_gone_and_is_back_comes_back() -> None:
    assert _plan({"a": "x"}, {"a": _state(1, "x", "gone")}).steps == (Restored(_file("a"), 1),)


def test_two_files_of_the_same_bytes_come_back_as_one() -> None:
    steps = _steps(_plan({"a": "x", "b": "x"}, {"a": _state(1, "x", "gone"), "b": _state(2, "x", "gone")}))
    assert steps["a"] == Restored(_file("a"), 1)
    assert steps["b"] == Duplicate(_file("b"), "/docs/a")


def test_missing_files_are_gone_only_in_the_folders_of_this_run() -> None:
    stored = {"a": _state(1, "x"), "b": _state(2, "y"), "/other/c": _state(3, "z"), "r": _state(4, "r", "person")}
    assert _plan({"a": "x"}, stored).gone == (Gone(2, "/docs/b"),)


_names = st.sampled_from(["a", "b", "c", "d"])
_contents = st.sampled_from(["1", "2", "3"])


@settings(max_examples=300, deadline=None)
@given(
    runs=st.lists(st.dictionaries(_names, _contents, max_size=4), min_size=1, max_size=5),
    prune=st.booleans(),
)
def test_any_history_of_a_folder_ends_with_each_content_live_once(runs: list[dict[str, str]], prune: bool) -> None:
    """Carry out the plans of a random history on a model of the store that holds the store's rules."""
    documents: dict[str, SourceState] = {}
    for now in runs:
        plan = _plan(now, {source.removeprefix("/docs/"): state for source, state in documents.items()})
        _carry_out(plan, documents, prune=prune)
        live = [state.sha256 for state in documents.values() if not state.retired]
        assert len(live) == len(set(live))
        assert set(now.values()) <= set(live)
        if prune and now:
            assert set(live) == set(now.values())


def _carry_out(plan: Plan, documents: dict[str, SourceState], *, prune: bool) -> None:
    by_id = {state.document_id: source for source, state in documents.items()}

    def retire(document_id: int) -> None:
        source = by_id[document_id]
        if documents[source].document_id == document_id:
            documents[source] = _state(document_id, documents[source].sha256, "gone")

    for step in plan.steps:
        if isinstance(step, Moved):
            assert step.file.source not in documents
            documents[step.file.source] = documents.pop(step.source)
            by_id[step.document_id] = step.file.source
        elif isinstance(step, Restored):
            documents[step.file.source] = _state(step.document_id, documents[step.file.source].sha256)
        elif isinstance(step, Duplicate) and step.stale is not None:
            retire(step.stale)
    for step in plan.steps:
        if isinstance(step, Read):
            if step.replaces is not None and not documents[by_id[step.replaces]].retired:
                holder = documents[by_id[step.replaces]]
                if holder.sha256 == step.sha256:
                    retire(step.replaces)
            old = documents.get(step.file.source)
            number = old.document_id if old else max(by_id, default=0) + 1
            documents[step.file.source] = _state(number, step.sha256)
            by_id[number] = step.file.source
    for step in plan.steps:
        if isinstance(step, Twin) and step.stale is not None:
            retire(step.stale)
    if prune:
        for gone in plan.gone:
            retire(gone.document_id)
