"""Question to first words, and many people asking at once, through the chat service (what the app and the HTTP service call).

    python benchmarks/chat.py [--leaflets 715] [--sessions 20]

Extractive answers over invented leaflets (715 of them are 10,000 chunks), in this process. Questions are kept, counted and
audited, as in use. Sessions ask at the same moment, four questions each, and wait for nothing but the answer.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from pathlib import Path

from many_leaflets import questions
from results_file import print_table, write_results
from service_process import BASE, TEN_THOUSAND_CHUNKS, base_of_leaflets, quantile

from kbchat.access.principal import local_principal
from kbchat.app import App
from kbchat.services import Services
from kbchat.services.chat import ChatRequest, Piece
from kbchat.settings import load_settings

_ALONE = 100
_EACH = 4


def timed(services: Services, question: str) -> tuple[float, float]:
    """Seconds to the first piece of the answer and to its end, keeping included."""
    begun = time.perf_counter()
    first = 0.0
    for event in services.chat.ask(ChatRequest(question, (BASE,))):
        if isinstance(event, Piece):
            first = first or time.perf_counter() - begun
    return first, time.perf_counter() - begun


def at_once(app: App, asked: list[str], sessions: int) -> tuple[list[tuple[float, float]], list[str]]:
    """The times of all sessions, and their errors."""
    found: list[tuple[float, float]] = []
    errors: list[str] = []
    start = threading.Barrier(sessions)

    def session(number: int) -> None:
        services = Services(app, local_principal(f"person {number}"))
        start.wait()
        for turn in range(_EACH):
            try:
                found.append(timed(services, asked[number * _EACH + turn]))
            except Exception as error:  # noqa: BLE001 - every kind counts as one
                errors.append(repr(error))

    threads = [threading.Thread(target=session, args=(number,)) for number in range(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found, errors


def figures(times: list[tuple[float, float]]) -> dict[str, float]:
    """Quantiles in seconds."""
    firsts, wholes = [one[0] for one in times], [one[1] for one in times]
    named = {"p50": 0.5, "p95": 0.95, "max": 1.0}
    found = {f"first_{name}": round(quantile(firsts, share), 4) for name, share in named.items()}
    return found | {f"whole_{name}": round(quantile(wholes, share), 4) for name, share in named.items()}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leaflets", type=int, default=TEN_THOUSAND_CHUNKS)
    parser.add_argument("--sessions", type=int, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        drugs = base_of_leaflets(Path(folder), chosen.leaflets)
        asked = questions(drugs, _ALONE + chosen.sessions * _EACH)
        app = App(load_settings(data_dir=Path(folder) / "data"))
        one = Services(app, local_principal("person"))
        timed(one, asked[0])  # opens the index
        alone = figures([timed(one, question) for question in asked[:_ALONE]])
        times, errors = at_once(app, asked[_ALONE:], chosen.sessions)
        together = figures(times) | {"errors": len(errors)}
        chunks = app.store.base_totals()[app.store.base(BASE).id].chunks
        app.close()
    rows = [[name, alone[name], together[name]] for name in alone]
    print_table([f"seconds, {chunks} chunks", "one person", f"{chosen.sessions} at once"], rows)
    print(f"errors: {len(errors)} {errors[:3]}")
    write_results("chat", "python benchmarks/chat.py", {"chunks": chunks, "alone": alone, "at_once": together})


if __name__ == "__main__":
    main()
