"""The errors of kbchat: one tree, each leaf saying what happened and what to do.

KbchatError
 +- ConfigurationError         a setting is wrong or unknown
 +- NotFoundError              a knowledge base, document, revision or file that does not exist
 +- ConflictError              the thing exists already, or another process holds it
 |   +- BusyError              another writer holds the lock (retry helps)
 +- InvalidInputError          what a person gave cannot be used (empty question, bad name)
 |   +- TooLargeError          more was sent than is allowed
 +- AccessError                who asks is unknown, or may not do this
 |   +- UnauthenticatedError   nobody is signed in, or the token, key or header is not valid
 |   +- ForbiddenError         the person is known and may not do this
 +- LoadError                  a file cannot be read
 |   +- UnsupportedFormatError no loader for this kind of file
 |   +- EncryptedFileError     a password is needed, or the one given is wrong
 |   +- NoTextError            the file was read and holds no text
 |   +- DamagedFileError       the file is broken, or is not what its name says
 |   +- FileLimitError         the file needs more time, memory or unpacked size than is allowed
 +- PagePictureError           a page cannot be drawn (its text is there all the same)
 +- StoreError                 the data folder or the database cannot be used
 |   +- StorageFullError       the disk is full (freeing space helps)
 |   +- SchemaError            the database was written by another version of kbchat
 +- IndexStateError            an index cannot be opened or rebuilt
 +- EmbedderError              an embedding model cannot be loaded or used
 |   +- EmbedderMismatchError  the knowledge base was embedded with another model
 +- GeneratorError             a language model cannot be loaded or used (retry may help)
     +- GeneratorBusyError     too many questions wait for the model (retry helps)
     +- PromptTooLongError     the question alone is longer than the model reads
"""

from __future__ import annotations

from kbchat.messages import Bilingual, Language


class KbchatError(Exception):
    """An error meant for a person.

    ``user_message`` says what was found and what was expected, ``remedy`` what to do; ``retryable`` whether the same
    call may succeed later; ``exit_code`` is the process exit status when the command line ends with it.
    """

    retryable: bool = False
    exit_code: int = 1

    def __init__(self, user_message: Bilingual, remedy: Bilingual) -> None:
        super().__init__(f"{user_message.en} {remedy.en}".strip())
        self.user_message = user_message
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[KbchatError], tuple[Bilingual, Bilingual]]:
        """Pickle by the two messages, so that errors cross process borders unchanged."""
        return (type(self), (self.user_message, self.remedy))

    def in_language(self, language: Language) -> str:
        """Message and remedy as one text."""
        return f"{self.user_message.in_language(language)} {self.remedy.in_language(language)}".strip()


class ConfigurationError(KbchatError):
    """A setting is wrong or unknown."""


class NotFoundError(KbchatError):
    """Something named by a person does not exist."""


class ConflictError(KbchatError):
    """The thing exists already, or its state forbids the action."""


class BusyError(ConflictError):
    """Another process holds the writer's lock."""

    retryable = True


class InvalidInputError(KbchatError):
    """What a person gave cannot be used."""

    exit_code = 2


class TooLargeError(InvalidInputError):
    """More was sent than is allowed."""


class AccessError(KbchatError):
    """Who asks is unknown, or may not do this.

    ``reason`` is a stable word for what was wrong with a sign-in that was tried; empty when none was.
    """

    def __init__(self, user_message: Bilingual, remedy: Bilingual, reason: str = "") -> None:
        super().__init__(user_message, remedy)
        self.reason = reason

    def __reduce__(self) -> tuple[type[KbchatError], tuple[Bilingual, Bilingual], dict[str, str]]:  # type: ignore[override]
        """With the reason."""
        return (type(self), (self.user_message, self.remedy), {"reason": self.reason})


class UnauthenticatedError(AccessError):
    """Nobody is signed in, or what was given to prove it is not valid."""


class ForbiddenError(AccessError):
    """The person is known and may not do this."""


class LoadError(KbchatError):
    """A file cannot be read."""


class UnsupportedFormatError(LoadError):
    """No loader reads this kind of file."""


class EncryptedFileError(LoadError):
    """A password is needed, or the one given is wrong."""


class NoTextError(LoadError):
    """The file was read and holds no text."""


class DamagedFileError(LoadError):
    """The file is broken, or is not what its name says."""


class FileLimitError(LoadError):
    """Reading the file needs more time, memory or unpacked size than is allowed."""


class PagePictureError(KbchatError):
    """A page cannot be drawn; its text can still be read."""


class StoreError(KbchatError):
    """The data folder or the database cannot be used."""


class StorageFullError(StoreError):
    """Nothing more can be written: no space, or no quota, is left."""

    retryable = True


class SchemaError(StoreError):
    """The database was written by another version of kbchat."""


class IndexStateError(KbchatError):
    """An index cannot be opened or rebuilt."""


class EmbedderError(KbchatError):
    """An embedding model cannot be loaded or used."""


class EmbedderMismatchError(EmbedderError):
    """The knowledge base was embedded with another model."""


class GeneratorError(KbchatError):
    """A language model cannot be loaded or used."""

    retryable = True


class GeneratorBusyError(GeneratorError):
    """Too many questions wait for the model."""


class PromptTooLongError(GeneratorError):
    """The question alone is longer than the model reads."""

    retryable = False
