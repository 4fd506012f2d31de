"""Numbers, sizes, dates and durations in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ui.components.shown_values import (
    NOTHING,
    shown_ago,
    shown_day,
    shown_moment,
    shown_seconds,
    shown_share,
    shown_size,
)

NOON = datetime(2026, 11, 20, 12, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KB"),
        (1536, "1.5 KB"),
        (300 << 20, "300 MB"),
        (5 << 40, "5.0 TB"),
        (3000 << 40, "3000 TB"),
    ],
)
def test_sizes(size, text):
    assert shown_size(size) == text


def test_moments_are_on_the_clock_of_the_person():
    assert shown_moment(NOON) == "2026-11-20 12:05"
    assert shown_moment(NOON, -480) == "2026-11-20 20:05"
    assert shown_moment(NOON, 480, seconds=True) == "2026-11-20 04:05:09"
    assert shown_day(NOON, -840) == "2026-11-21"
    assert shown_moment(NOON.replace(tzinfo=None), None) == "2026-11-20 12:05"
    assert shown_moment(None) == NOTHING


@pytest.mark.parametrize(
    ("passed", "text"), [(-5, "just now"), (59, "just now"), (60, "1 min ago"), (7300, "2 h ago"), (200_000, "2 d ago")]
)
def test_how_long_ago(passed, text):
    assert shown_ago(NOON - timedelta(seconds=passed), NOON, "en") == text


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (0.001, "<1 %"), (0.5, "50 %"), (0.999, ">99 %"), (1, "100 %")]
)
def test_a_little_is_not_nothing(share, text):
    assert shown_share(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.18, "180 ms"), (2.44, "2.4 s"), (185, "3:05 min"), (3725, "1:02:05 h")]
)
def test_durations(seconds, text):
    assert shown_seconds(seconds) == text
