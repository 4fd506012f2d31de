"""What an ingest says about files, beside the errors of their loaders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ingest.discovery import UPLOADED
from kbchat.errors import LoadError, NotFoundError
from kbchat.messages import Bilingual

RETIRED_BY_PERSON = Bilingual(
    "retired by hand and left so; `kbchat kb restore` brings it back",
    "已被手动停用，保持停用；可用 `kbchat kb restore` 恢复",
)
BACK = Bilingual("back again, with the content it had", "文件已恢复，内容与之前相同")
LEFT = Bilingual("no longer in the folder", "文件已不在文件夹中")


def source_shown(source: str) -> str:
    """A source key as people know it: uploads by their name."""
    return source.removeprefix(UPLOADED)


def moved(source: str, *, retired: bool) -> Bilingual:
    """A document that was found again at another path."""
    if retired:
        return Bilingual(f"moved from {source}; it stays retired", f"由 {source} 移来，保持停用")
    return Bilingual(f"moved from {source}", f"由 {source} 移来")


def same_as(of: str, *, had_own: bool, retired: bool) -> Bilingual:
    """A duplicate; ``had_own`` when the path itself had other content before."""
    en, zh = f"same content as {of}", f"与 {of} 内容相同"
    if retired:
        en, zh = f"{en}, which was retired by hand", f"{zh}，后者已被手动停用"
    if had_own:
        en, zh = f"{en}; what was read from this path before is retired", f"{zh}；此路径先前的内容已停用"
    return Bilingual(en, zh)


def earlier_stays(reason: Bilingual) -> Bilingual:
    """A changed file that could not be read."""
    return Bilingual(f"{reason.en} The version read earlier stays in use.", f"{reason.zh}先前读取的版本继续使用。")


def gone_note(count: int) -> Bilingual:
    """Files missing from the folder, when nobody asked to prune."""
    return Bilingual(
        f"Files that are no longer in the folder: {count}. Their documents are still searched; --prune retires them.",
        f"有 {count} 个文件已不在文件夹中，其内容仍可被检索；用 --prune 可将其停用。",
    )


def links_note(links: Sequence[str]) -> Bilingual:
    """Links that were not followed."""
    named = ", ".join(links[:3]) + (" …" if len(links) > 3 else "")
    return Bilingual(
        f"Links that lead out of the folder were not followed: {named}.", f"指向文件夹之外的链接未予读取：{named}。"
    )


def changed_meanwhile(name: str) -> LoadError:
    """The error for a file that was written while it was read."""
    return LoadError(
        Bilingual(f"{name} changed while it was being read.", f"{name} 在读取过程中被修改。"),
        Bilingual("Run the command again when nobody is writing it.", "请在没有人写入该文件时重新运行。"),
    )


def nothing_there(paths: Sequence[Path], roots: Sequence[str]) -> NotFoundError:
    """The error for an ingest that finds no file."""
    named = ", ".join(roots) or ", ".join(str(path) for path in paths)
    return NotFoundError(
        Bilingual(f"There is no file to ingest in {named}.", f"{named} 中没有可导入的文件。"),
        Bilingual(
            "Hidden files are skipped. If the folder is a network drive, check that it is connected.",
            "隐藏文件会被跳过。如为网络磁盘，请检查是否已连接。",
        ),
    )
