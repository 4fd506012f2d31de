"""``kbchat demo``: from a folder to cited answers in one command."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kbchat.cli.options import DataDir, Lang, open_app

if TYPE_CHECKING:
    from rich.console import Console

    from kbchat.app import App
    from kbchat.messages import Bilingual

BASE = "demo"
QUESTIONS = (
    "二甲双胍片的禁忌有哪些？",
    "What is the usual dose of amoxicillin for adults?",
    "司美格鲁肽注射液的起始剂量是多少？",
)
"""Two that ``sample_kb`` answers and one on a drug it does not hold."""


def demo(
    context: typer.Context,
    *,
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="What to ingest.")] = Path("sample_kb"),
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Ingest the sample documents into the knowledge base `demo` and ask three questions, one without an answer."""
    opened = open_app(context, data_dir, lang)
    from rich.console import Console  # noqa: PLC0415 - `kbchat --help` must be quick

    from ingest.pipeline import IngestOptions  # noqa: PLC0415
    from kbchat.cli.ask import ask_once  # noqa: PLC0415
    from kbchat.cli.bases import create_base  # noqa: PLC0415
    from kbchat.cli.ingesting import ingest_into, tell  # noqa: PLC0415
    from kbchat.cli.rendering import print_answer  # noqa: PLC0415
    from kbchat.messages import Bilingual  # noqa: PLC0415

    console = Console(highlight=False)
    language = opened.settings.language
    _heading(console, Bilingual(f"1. Ingest {folder}", f"1. 导入 {folder}").in_language(language))
    if BASE not in {base.name for base in opened.store.bases()}:
        create_base(opened, BASE, "kbchat demo")
    report = ingest_into(opened, [folder], BASE, IngestOptions(), silent=False)
    tell(report, opened, as_json=False, brief=True)
    if report.exit_code not in (0, 3):
        raise typer.Exit(report.exit_code)
    _heading(console, Bilingual("2. Ask", "2. 提问").in_language(language))
    for question in QUESTIONS:
        console.print()
        console.print(f"? {question}", style="bold cyan", markup=False)
        print_answer(ask_once(opened, question, (BASE,)), console, language)
    _heading(console, Bilingual("3. What next", "3. 接下来").in_language(language))
    for line in _what_next(opened, data_dir):
        console.print(line.in_language(language), markup=False, soft_wrap=True)
    raise typer.Exit(report.exit_code)


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(text, style="bold", markup=False)


def _what_next(opened: App, data_dir: Path | None) -> list[Bilingual]:
    from kbchat.messages import Bilingual  # noqa: PLC0415

    place = f" --data-dir {shlex.quote(str(opened.settings.data_dir))}" if data_dir is not None else ""
    here = f"--kb {BASE}{place}"
    steps = (
        ("The app, in the browser", "在浏览器中使用", f"kbchat ui{place}", f"kbchat ui{place}"),
        ("Your own question", "自己提问", f'kbchat ask "…" {here}', f'kbchat ask "……" {here}'),
        ("Why a passage was chosen", "查看检索依据", f'kbchat search "…" {here}', f'kbchat search "……" {here}'),
        ("What is in it", "查看文档", f"kbchat kb documents {here}", f"kbchat kb documents {here}"),
        ("Your own documents", "导入自己的资料", f"kbchat ingest FOLDER{place}", f"kbchat ingest 文件夹{place}"),
    )
    return [Bilingual(f"{en}:\n    {do_en}", f"{zh}：\n    {do_zh}") for en, zh, do_en, do_zh in steps]
