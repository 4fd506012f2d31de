"""``kbchat doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kbchat.cli.options import DataDir, Json, Lang, open_app

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kbchat.cli.health import Finding
    from kbchat.messages import Language


def doctor(
    context: typer.Context,
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="Prove that kbchat works without reaching anything outside this machine.")
    ] = False,
    as_json: Json = False,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Check the installation, the data folder, the indexes and the models. Exit status 1 when there is a problem.

    With --offline, sample documents are read, asked about and cited in a process that can reach nothing outside this
    machine; the data folder is left alone.
    """
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.health import Verdict, findings  # noqa: PLC0415 - `kbchat --help` must be quick
    from kbchat.cli.offline_proof import offline_findings  # noqa: PLC0415
    from kbchat.cli.terminal import print_json  # noqa: PLC0415
    from kbchat.services.versions import versions  # noqa: PLC0415

    checks = offline_findings(opened.settings) if offline else findings(opened)

    language = opened.settings.language
    if as_json:
        found = list(checks)
        print_json(
            {
                "versions": versions(),
                "data_dir": str(opened.settings.data_dir),
                "checks": [finding.as_json(language) for finding in found],
                "healthy": all(finding.verdict is not Verdict.PROBLEM for finding in found),
            }
        )
    else:
        found = _print(checks, versions(), language)
    if any(finding.verdict is Verdict.PROBLEM for finding in found):
        raise typer.Exit(1)


def _print(found: Iterable[Finding], versions: dict[str, str], language: Language) -> list[Finding]:
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from kbchat.cli.health import Verdict  # noqa: PLC0415
    from kbchat.text.visible import visible  # noqa: PLC0415

    console = Console()
    console.print(Text("  ".join(f"{name} {number}" for name, number in versions.items()), style="dim"))
    marks = {Verdict.OK: ("✓", "green"), Verdict.WARNING: ("!", "yellow"), Verdict.PROBLEM: ("✗", "bold red")}
    shown = []
    for finding in found:
        shown.append(finding)
        line = Text.assemble(
            marks[finding.verdict], f" {finding.name}: ", visible(finding.detail.in_language(language))
        )
        console.print(line)
        if finding.remedy is not None:
            console.print(Text(f"    {visible(finding.remedy.in_language(language))}", style="dim"))
    return shown
