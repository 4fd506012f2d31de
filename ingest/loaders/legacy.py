"""Old office files (doc, ppt, xls, rtf): converted by LibreOffice where it is installed, then read as what they became."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from ingest.loaders.failures import damaged, too_large, unsupported
from ingest.loaders.options import LoadOptions
from ingest.loaders.sniff import FileKind, sniff
from kbchat.messages import Bilingual
from kbchat.types import LoadedFile

_TARGETS = {FileKind.DOC: "docx", FileKind.RTF: "docx", FileKind.PPT: "pptx", FileKind.XLS: "xlsx"}
_SECONDS = 180.0


def load_legacy(path: Path, options: LoadOptions) -> LoadedFile:
    """Convert ``path`` in a folder of its own and read the result; ``format`` is the old one.

    LibreOffice runs without macros, windows or the user's profile, and is ended when it takes too long. Raises
    UnsupportedFormatError when it is not installed, DamagedFileError when it cannot convert the file, FileLimitError
    when it takes too long.
    """
    from ingest.loaders.dispatch import loader_for  # noqa: PLC0415 - dispatch calls this module

    kind = sniff(path).kind
    target = _TARGETS[kind]
    program = find_libreoffice()
    if program is None:
        raise unsupported(
            f"The old format {kind.value} can only be read with LibreOffice, which was not found.",
            f"旧格式 {kind.value} 需要 LibreOffice 才能读取，但未找到该程序。",
            Bilingual(
                f"Install LibreOffice (soffice on the PATH), or save the file as {target}.",
                f"请安装 LibreOffice（soffice 在 PATH 中），或将文件另存为 {target}。",
            ),
        )
    with tempfile.TemporaryDirectory(prefix="kbchat-convert-") as folder:
        converted = _convert(program, path, kind, target, Path(folder))
        loaded = loader_for(FileKind(target))(converted, options)
    return replace(loaded, format=loaded.format if loaded.format == "qa" else kind.value)


def find_libreoffice() -> str | None:
    """The LibreOffice program on the PATH, or None."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def _convert(program: str, path: Path, kind: FileKind, target: str, folder: Path) -> Path:
    source = folder / f"input.{kind.value}"  # a plain name: the original may hold anything
    shutil.copyfile(path, source)
    output = folder / "output"
    command = [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--nodefault",
        "--convert-to",
        target,
        "--outdir",
        str(output),
        str(source),
    ]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            process.wait(_SECONDS)
        except subprocess.TimeoutExpired as error:
            _end(process)
            raise too_large(
                f"LibreOffice did not convert the file within {_SECONDS:.0f} seconds.",
                f"LibreOffice 未能在 {_SECONDS:.0f} 秒内完成转换。",
            ) from error
        except BaseException:
            _end(process)
            raise
    converted = output / f"input.{target}"
    if not converted.is_file():
        raise damaged("LibreOffice cannot read the file.", "LibreOffice 无法读取该文件。")
    return converted


def _end(process: subprocess.Popen[bytes]) -> None:
    """End LibreOffice with everything it started."""
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
