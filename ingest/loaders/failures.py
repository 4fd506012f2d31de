"""The errors of loading, with the remedies that fit, so that every loader says the same thing the same way."""

from __future__ import annotations

from kbchat.errors import (
    DamagedFileError,
    EncryptedFileError,
    FileLimitError,
    NoTextError,
    UnsupportedFormatError,
)
from kbchat.messages import Bilingual

READABLE = (
    "pdf, docx, pptx, xlsx, csv, html, xml (FDA SPL), md, txt, json, jsonl, png, jpg, tiff (doc, ppt, xls: LibreOffice)"
)
_SEE_FORMATS = Bilingual(f"kbchat reads: {READABLE}.", f"kbchat 可读取：{READABLE}。")
_RESTORE = Bilingual(
    "Open it in the program that wrote it, save it anew, or fetch the original again.",
    "请用原程序打开并重新保存，或重新获取原始文件。",
)


def unsupported(en: str, zh: str, remedy: Bilingual = _SEE_FORMATS) -> UnsupportedFormatError:
    """A file of a kind that is not read; ``en`` and ``zh`` say what was found."""
    return UnsupportedFormatError(Bilingual(en, zh), remedy)


def damaged(en: str, zh: str, remedy: Bilingual = _RESTORE) -> DamagedFileError:
    """A file that is broken, or is not what its name says."""
    return DamagedFileError(Bilingual(en, zh), remedy)


def encrypted() -> EncryptedFileError:
    """An office file that is protected by a password."""
    return EncryptedFileError(
        Bilingual("The file is protected by a password.", "文件受密码保护。"),
        Bilingual("Save it without a password and ingest it again.", "请另存为不带密码的文件后重新导入。"),
    )


def too_large(en: str, zh: str) -> FileLimitError:
    """A file that would unpack to more than is allowed."""
    return FileLimitError(
        Bilingual(en, zh),
        Bilingual(
            "If you trust the file, raise ingest.unpacked_limit; else leave it out.",
            "如果信任该文件，请调高 ingest.unpacked_limit；否则请勿导入。",
        ),
    )


def no_text() -> NoTextError:
    """A file that was read and holds no text."""
    return NoTextError(
        Bilingual("The file holds no text.", "文件中没有文字。"),
        Bilingual(
            "If its text is in pictures, save it as PDF and ingest that.", "如果文字在图片中，请另存为 PDF 后导入。"
        ),
    )
