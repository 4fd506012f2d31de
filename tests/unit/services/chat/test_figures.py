"""Figures: counted right, grouped by sense, safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from kbchat.access.principal import Role, local_principal
from kbchat.app import App
from kbchat.errors import ForbiddenError, InvalidInputError, NotFoundError
from kbchat.services import Services
from kbchat.services.csv_table import csv_table
from kbchat.settings import Settings
from kbchat.store import NewQuestion
from kbchat.store import schema_operation as operation


@pytest.fixture
def services(tmp_path):
    app = App(Settings(data_dir=tmp_path))
    yield Services(app, local_principal("ann"))
    app.close()


@pytest.fixture
def asked(services):
    """``asked("question", …)``: one row of a question, ``days`` ago."""

    def add(question="x", *, days=0, outcome="answered", seconds=1.0, **values):
        row = NewQuestion(
            **{
                "bases": ("default",), "assistant": "", "language": "zh", "question": question, "outcome": outcome,
                "category": "", "generator": "extractive", "fallback": False, "flagged": 0, "first_seconds": seconds / 2,
                "seconds": seconds, "documents": (), "channel": "ui",
            }
            | values
        )  # fmt: skip
        number = services.app.store.add_question(row)
        when = datetime.now(UTC) - timedelta(days=days)
        with services.app.store._database.write() as connection:
            found = update(operation.questions).where(operation.questions.c.id == number)
            connection.execute(found.values(asked_at=when))
        return number

    return add


def test_days_are_counted_with_those_without_questions(services, asked):
    asked(), asked(outcome="insufficient_evidence", flagged=2), asked(channel="api", fallback=True)
    asked(days=2), asked(days=40)
    days = services.figures.per_day(7)

    assert [day.questions for day in days] == [0, 0, 0, 0, 1, 0, 3]
    today = days[-1]
    assert today.day == datetime.now(UTC).astimezone().date()
    assert today.outcomes == {"answered": 2, "insufficient_evidence": 1}
    assert (today.channels, today.fallbacks, today.flagged) == ({"api": 1, "ui": 2}, 1, 1)
    assert services.figures.outcomes(60) == {"answered": 4, "insufficient_evidence": 1}


def test_days_begin_at_midnight_of_this_clock(services, asked):
    now = datetime.now(UTC).astimezone()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for at in (midnight - timedelta(seconds=1), midnight):
        number = asked()
        with services.app.store._database.write() as connection:
            found = update(operation.questions).where(operation.questions.c.id == number)
            connection.execute(found.values(asked_at=at))

    assert [day.questions for day in services.figures.per_day(2)] == [1, 1]


def test_latency_is_median_and_95th_percentile_by_nearest_rank(services, asked):
    for number in range(1, 101):
        asked(seconds=float(number))
    asked(seconds=10_000.0, outcome="stopped")
    asked(days=3, seconds=7.0)
    earlier, today = services.figures.latency(7)

    assert (today.questions, today.whole_p50, today.whole_p95) == (100, 50.0, 95.0)
    assert (today.first_p50, today.first_p95) == (25.0, 47.5)
    assert (earlier.questions, earlier.whole_p50, earlier.whole_p95) == (1, 7.0, 7.0)


def test_unanswered_questions_that_ask_the_same_stand_together(services, asked):
    same = ["司美格鲁肽注射液怎么打？", "司美格鲁肽怎么打", "请问司美格鲁肽注射液怎么打？"]
    for question in (
        *same,
        "替尔泊肽注射液怎么打？",
        "How is semaglutide stored?",
        "how is Semaglutide stored",
        "孕妇能打狂犬疫苗吗？",
    ):
        asked(question, outcome="insufficient_evidence")
    asked(same[0], outcome="insufficient_evidence")
    asked("华法林怎么吃？"), asked("", outcome="insufficient_evidence")
    groups = services.figures.unanswered()

    assert [(group.question, group.count) for group in groups[:2]] == [(same[0], 4), ("How is semaglutide stored?", 2)]
    assert set(groups[0].wordings) == set(same)
    assert sorted(group.question for group in groups[2:]) == sorted(["替尔泊肽注射液怎么打？", "孕妇能打狂犬疫苗吗？"])


def test_documents_used_and_flagged_answers(open_app, services_of, ask):
    app = open_app()
    admin = services_of(app, Role.ADMIN)
    for question in ("华法林钠片怎么吃？", "华法林钠片的禁忌", "华法林钠片的适应症"):
        ask(services_of(app), question)
    used = admin.figures.documents_used()

    first = next(one for one in used if "华法林" in one.title)
    assert first.questions >= 3
    assert (first.base, first.retired) == ("default", False)


def test_flagged_ones_are_listed(services, asked):
    asked("fine")
    number = asked("bad", flagged=3)

    assert [(one.id, one.question, one.flagged) for one in services.figures.flagged()] == [(number, "bad", 3)]


@pytest.mark.parametrize("name", ["per_day", "outcomes", "unanswered", "documents", "latency", "flagged"])
def test_every_table_is_csv(services, asked, name):
    asked("=1+1", outcome="insufficient_evidence", flagged=1)
    file = services.figures.csv(name, 7)
    rows = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig"), newline="")))

    assert file.data.startswith(b"\xef\xbb\xbf")
    assert len({len(row) for row in rows}) == 1
    if name in ("unanswered", "flagged"):
        assert any(cell == "'=1+1" for cell in rows[1])


@pytest.mark.parametrize(
    "cell", ["=cmd|'/c calc'!A1", "+1", "-2+3", "@SUM(A1)", "\t=1", " =1", "\r\n=1", "＝1+1", "|x", "\x00=1"]
)
def test_no_cell_is_a_formula(cell):
    (_, row) = csv.reader(io.StringIO(csv_table(["a"], [[cell]]).decode("utf-8-sig"), newline=""))

    assert row[0].startswith("'")


def test_numbers_stay_numbers():
    assert csv_table(["a", "b"], [[-1, 2.5]]).decode("utf-8-sig").splitlines()[1] == "-1,2.5"


def test_figures_are_for_those_who_run_kbchat(services):
    reader = Services(services.app, services_reader())
    for touch in (
        reader.figures.per_day, reader.figures.outcomes, reader.figures.unanswered, reader.figures.documents_used,
        reader.figures.latency, reader.figures.flagged, lambda: reader.figures.csv("per_day"),
    ):  # fmt: skip
        with pytest.raises(ForbiddenError):
            touch()
    with pytest.raises(NotFoundError):
        services.figures.csv("passwords")
    for days in (0, -1, 10**9):
        with pytest.raises(InvalidInputError):
            services.figures.per_day(days)


def services_reader():
    from kbchat.access.principal import Principal

    return Principal("ben", frozenset({Role.READER}))
