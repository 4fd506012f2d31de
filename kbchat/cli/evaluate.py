"""``kbchat eval``: measure kbchat on labelled files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kbchat.cli.options import Bases, DataDir, Json, Lang, base_names, open_app

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kbchat.app import App
    from kbchat.evaluation.behaviour import BehaviourReport

app = typer.Typer(no_args_is_help=True, help="Measure kbchat on labelled files.")


@app.command("behaviour")
def behaviour(
    context: typer.Context,
    *,
    set_name: Annotated[
        str,
        typer.Argument(metavar="SET", help="red_flags, scope, multiturn, phi, numbers or unanswerable (needs --kb)."),
    ],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSON lines in the format of the set; see docs/guide.md.")
    ],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write one prediction a line here.")] = None,
    kb: Bases = None,
    as_json: Json = False,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Predict every item of a labelled set and print the metrics."""
    opened = open_app(context, data_dir, lang)
    report = evaluated(opened, set_name, file, base_names(kb) if kb or set_name == "unanswerable" else ())
    from kbchat.cli.terminal import print_json  # noqa: PLC0415 - `kbchat --help` must be quick
    from kbchat.errors import InvalidInputError  # noqa: PLC0415
    from kbchat.evaluation.behaviour import write_predictions  # noqa: PLC0415
    from kbchat.messages import Bilingual  # noqa: PLC0415

    if out is not None:
        try:
            write_predictions(report, out)
        except OSError as error:
            raise InvalidInputError(
                Bilingual(f"{out} cannot be written: {error.strerror}.", f"无法写入 {out}：{error.strerror}。"),
                Bilingual("Give another file with --out.", "请用 --out 指定其他文件。"),
            ) from error
    if as_json:
        metrics = {name: round(value, 6) for name, value in report.metrics.items()}
        print_json({"set": report.set_name, "metrics": metrics})
    else:
        for name, value in report.metrics.items():
            shown = f"{value:.0f}" if name == "items" else f"{value:.3f}"
            typer.echo(f"{name:<28}{shown:>10}")


def evaluated(opened: App, set_name: str, file: Path, bases: Sequence[str]) -> BehaviourReport:
    """The report on ``file``; the names and answers of the knowledge bases ``bases`` are used where the set needs them.

    Raises InvalidInputError, NotFoundError, and what answering raises.
    """
    from kbchat.evaluation.behaviour import evaluate, read_items  # noqa: PLC0415

    items = read_items(file)
    names = [name for base in bases for name in opened.names_for(opened.store.base(base)).displays()]
    answerer = opened.answerer(bases) if set_name == "unanswerable" else None
    return evaluate(
        set_name,
        items,
        known_names=names,
        outcome_of=(lambda question: answerer.answer(question).outcome) if answerer is not None else None,
    )
