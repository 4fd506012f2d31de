"""Where things lie in the data folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kbchat.errors import StoreError
from kbchat.messages import Bilingual


@dataclass(frozen=True, slots=True)
class DataLayout:
    """The data folder. ``embedded`` tells that the database is the SQLite file inside it."""

    root: Path
    embedded: bool = True

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.root / "kbchat.db"

    @property
    def files(self) -> Path:
        """The originals, named by their SHA-256."""
        return self.root / "files"

    @property
    def index(self) -> Path:
        """The indexes, one folder a knowledge base; all of it can be deleted at any time."""
        return self.root / "index"

    @property
    def locks(self) -> Path:
        """The lock files."""
        return self.root / "locks"

    @property
    def staging(self) -> Path:
        """Uploads that wait to be read, one folder a job; made when first needed."""
        return self.root / "staging"

    @property
    def secrets(self) -> Path:
        """The keys kbchat made for itself; made when first needed."""
        return self.root / "secrets"

    def index_folder(self, base_id: int) -> Path:
        """The index of one knowledge base."""
        return self.index / str(base_id)

    def is_valid(self) -> bool:
        """Whether the folder has been set up."""
        folders = (self.root, self.files, self.index, self.locks)
        return all(folder.is_dir() for folder in folders) and (not self.embedded or self.database.is_file())

    def create(self) -> None:
        """Make the folders that are missing. Raises StoreError."""
        try:
            for folder in (self.root, self.files, self.index, self.locks):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                Bilingual(
                    f"The data folder {self.root} cannot be used: {error.strerror or error}.",
                    f"数据目录 {self.root} 无法使用：{error.strerror or error}。",
                ),
                Bilingual(
                    "Give a folder you may write to with --data-dir or KBCHAT_DATA_DIR.",
                    "请用 --data-dir 或 KBCHAT_DATA_DIR 指定一个可写的目录。",
                ),
            ) from error
