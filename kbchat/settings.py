"""Settings: defaults, then ``kbchat.toml``, then ``KBCHAT_*`` variables; unknown keys are refused.

Nested values are written ``KBCHAT_INGEST__WORKERS=4`` in the environment and as tables in the file. The file is
``kbchat.toml`` in the data folder, or the path in ``KBCHAT_CONFIG``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from kbchat.errors import ConfigurationError
from kbchat.messages import Bilingual, Language, system_language


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChunkSettings(_Group):
    """Sizes of chunks, in characters."""

    target: int = Field(480, ge=80, le=4000, description="Aim of a chunk's length, in characters.")
    maximum: int = Field(800, ge=120, le=8000, description="No chunk is longer, except a single sentence or table row.")


class IngestSettings(_Group):
    """How files are read."""

    workers: int = Field(0, ge=0, le=64, description="Worker processes; 0 means one per core.")
    file_timeout: float = Field(600.0, gt=0, description="Seconds a file may take without finishing a page.")
    file_memory: int = Field(2048, ge=256, description="MiB of memory the reader of one file may use.")
    unpacked_limit: int = Field(1024, ge=1, description="MiB a compressed document may unpack to.")
    ocr: Literal["auto", "off", "all"] = Field("auto", description="When pages are read from their picture.")
    ocr_dpi: int = Field(200, ge=72, le=400, description="Resolution of page pictures for OCR.")
    upload_limit: int = Field(4096, ge=1, description="MiB the files of one upload may have, archives unpacked.")
    upload_files: int = Field(2000, ge=1, le=20_000, description="Files one upload may have, archives unpacked.")


class EmbeddingSettings(_Group):
    """Which model turns text into vectors."""

    model: str = Field(
        "default",
        description="'default' (the built-in static model), 'none' (lexical search only), 'static:PATH' (a model2vec or "
        "StaticEmbedding folder) or 'sentence-transformers:PATH_OR_NAME'.",
    )
    allow_download: bool = Field(False, description="Whether a model given by name may be fetched from its hub.")


class RetrievalSettings(_Group):
    """How passages are found and ordered."""

    candidates: int = Field(80, ge=10, le=1000, description="Chunks taken from each side of the search.")
    passages: int = Field(8, ge=1, le=50, description="Passages an answer is made from.")
    passage_budget: int = Field(900, ge=200, le=20000, description="Characters a passage may grow to by expansion.")
    lexical_weight: float = Field(1.0, ge=0, description="Weight of the BM25 side.")
    dense_weight: float = Field(0.5, ge=0, description="Weight of the embedding side.")


class AnswerSettings(_Group):
    """How answers are made."""

    max_characters: int = Field(400, ge=80, le=4000, description="Length an extractive answer normally keeps to.")
    evidence_threshold: float = Field(0.5, ge=0, le=1, description="Below this evidence score the answer is refused.")
    support_threshold: float = Field(
        0.5, ge=0, le=1, description="A model's sentence with less support by its source is flagged or replaced."
    )
    support_model: str = Field(
        "",
        description="Folder (or name) of a sequence-classification model trained on NLI; its probability that the source "
        "entails a sentence takes the place of shared words and embedding as support. Empty: none.",
    )
    least_supported: float = Field(
        0.5, ge=0, le=1, description="With a smaller share of supported sentences, the documents' own words are given."
    )


class SafetySettings(_Group):
    """What is done before and around every answer."""

    audience: Literal["patient", "clinician"] = Field(
        "patient", description="Who reads answers where no assistant says so; patients get strict checks."
    )
    strict: bool | None = Field(
        None,
        description="Whether what a model wrote without support is replaced by the document's words instead of flagged; "
        "unset: for patients only.",
    )
    footer: Literal["patient", "all", "none"] = Field(
        "patient", description="Whose answers end with the note that they are for reference only."
    )
    mask_identifiers: bool = Field(
        True, description="Mask names, numbers and addresses of persons before a message is stored or given to a model."
    )
    keep_conversations: bool = Field(True, description="Whether conversations are kept in the store.")


class PictureSettings(_Group):
    """Pictures of pages, on which quotes are marked."""

    timeout: float = Field(10.0, gt=0, le=600, description="Seconds that drawing one page may take.")
    memory: int = Field(1536, ge=512, description="MiB of address space the process that draws pages may use.")
    cache: int = Field(512, ge=0, description="MiB of drawn pages kept in the data folder; 0 keeps none.")


class LogSettings(_Group):
    """The log of the app and the service: JSON lines in the data folder, without messages or persons."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="What is logged, and above.")
    size: int = Field(10, ge=1, le=10_000, description="MiB at which the log is turned over.")
    files: int = Field(5, ge=1, le=1000, description="Logs turned over that are kept.")


class HospitalSettings(_Group):
    """What people are told about this hospital, above all in an emergency."""

    name: str = Field("", max_length=100, description="The hospital's name in Chinese.")
    name_en: str = Field("", max_length=100, description="The hospital's name in English; empty: as in Chinese.")
    ambulance: str = Field("120", max_length=40, description="The number of the ambulance.")
    emergency_phone: str = Field("", max_length=40, description="The hospital's own emergency number.")
    emergency_department: str = Field("", max_length=200, description="Where its emergency department is, in Chinese.")
    emergency_department_en: str = Field("", max_length=200, description="The same in English; empty: as in Chinese.")


class GenerationSettings(_Group):
    """Which generator writes answers, and how."""

    model: str = Field(
        "extractive",
        description="'extractive' (quotes, no language model), 'pulse:PATH_OR_NAME' or 'chimed:PATH_OR_NAME' (a model in "
        "this process), 'openai:MODEL@URL' (any OpenAI-compatible server) or 'PROVIDER:MODEL' of LangChain.",
    )
    input_tokens: int = Field(
        1536, ge=256, le=1_000_000, description="Tokens a prompt may have; passages are cut to fit."
    )
    new_tokens: int = Field(512, ge=1, le=32768, description="Tokens an answer may have.")
    temperature: float = Field(
        0.0, ge=0, le=2, description="0 always takes the likeliest token: a dose must not be drawn."
    )
    top_p: float = Field(0.2, gt=0, le=1, description="Share of likelihood drawn from, when temperature is above 0.")
    top_k: int = Field(9, ge=1, le=1000, description="Tokens drawn from, when temperature is above 0 (local models).")
    dtype: Literal["auto", "bfloat16", "float16", "float32"] = Field(
        "auto", description="Number format of a local model's weights; auto takes the one they are stored in."
    )
    device_map: str = Field("auto", description="Where a local model lies: 'auto', 'cpu', 'cuda:0' …")
    quantization: Literal["none", "8bit", "4bit"] = Field(
        "none", description="Shrink a local model while loading (bitsandbytes). GPTQ folders need 'none'."
    )
    adapter: str = Field("", description="Folder of a LoRA adapter (peft) for the local model; empty: none.")
    trust_remote_code: bool = Field(
        False, description="Whether Python code inside a model folder may run; PULSE-20b (InternLM) brings its own."
    )
    allow_download: bool = Field(False, description="Whether a model given by name may be fetched from its hub.")
    waiting: int = Field(8, ge=0, le=1000, description="Questions that may wait for a local model, one being answered.")
    wait_timeout: float = Field(120.0, gt=0, description="Seconds a question may wait for a local model.")
    timeout: float = Field(
        60.0, gt=0, description="Seconds to wait for a server, and for each next piece of an answer."
    )
    total_timeout: float = Field(300.0, gt=0, description="Seconds a whole answer may take.")
    retries: int = Field(2, ge=0, le=10, description="New attempts when a server is overloaded or cannot be reached.")
    api_key: SecretStr = Field(SecretStr(""), description="Key of a model server; never logged or shown.")


class HostKey(_Group):
    """A key with which one of the hospital's systems signs its tokens."""

    id: str = Field(min_length=1, max_length=64, description="Name of the key; a token says it as `kid`.")
    algorithm: Literal["HS256", "RS256", "ES256"] = Field(description="The one algorithm this key is used with.")
    file: Path = Field(description="File of the key: a secret of at least 32 bytes (HS256), or a public key in PEM.")
    issuer: str = Field("", description="What a token must say as `iss`; empty: anything.")
    roles: tuple[Literal["reader", "curator", "admin"], ...] = Field(
        ("reader",), description="Roles that tokens of this key may give."
    )


class ServerSettings(_Group):
    """The HTTP service: `kbchat serve`."""

    host: str = Field("127.0.0.1", description="Address to listen on; other than loopback needs a way to sign in.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    workers: int = Field(
        1,
        ge=1,
        le=64,
        description="Processes that answer, behind one port: one a core. More than one only without a model that is "
        "loaded in the process (pulse:, chimed:); limits on what goes on at once are divided among them.",
    )
    root_path: str = Field("", description="Path under which a proxy shows the service, such as /kbchat.")
    allowed_hosts: tuple[str, ...] = Field(
        (), description="Host names requests may name; empty: any, in single-user mode those of loopback only."
    )
    cors_origins: tuple[str, ...] = Field(
        (), description="Origins whose pages may call the service, such as https://portal.example; empty: none."
    )
    frame_ancestors: tuple[str, ...] = Field(
        (), description="Origins whose pages may show /embed/chat, or the app, in a frame; empty: none."
    )
    body_limit: int = Field(1024, ge=16, le=65536, description="KiB a request may have, uploads aside.")
    upload_limit: int = Field(2048, ge=1, le=1_048_576, description="MiB one upload may have, all its files together.")
    threads: int = Field(16, ge=1, le=256, description="Requests worked on at once, conversations aside.")
    chats: int = Field(16, ge=1, le=256, description="Questions answered at once; others wait.")
    uploads: int = Field(4, ge=1, le=64, description="Uploads received at once; others wait.")
    in_flight: int = Field(256, ge=1, le=10000, description="Requests open at once; more are refused with 503.")
    header_timeout: float = Field(20.0, gt=0, description="Seconds the head of a request may take to come.")
    client_timeout: float = Field(
        60.0, gt=0, description="Seconds a client may take to send or read the next piece, and to begin with."
    )
    client_rate: int = Field(
        8,
        ge=0,
        le=1_048_576,
        description="KiB a second that a body, or an answer, must go by once the time of client_timeout is used up; "
        "0: any.",
    )
    shutdown_timeout: int = Field(
        20, ge=0, le=3600, description="Seconds that open requests get when the service ends."
    )
    metrics_addresses: tuple[IPvAnyNetwork, ...] = Field(
        (), description="Addresses that may read /metrics without signing in, such as 10.1.2.3/32."
    )
    references_in_text: bool = Field(
        False,
        description="Whether /v1/chat/completions adds sources and note to the text, for clients that show only that.",
    )


class UiSettings(_Group):
    """The app in the browser: `kbchat ui`."""

    host: str = Field("127.0.0.1", description="Address to listen on; other than loopback needs a way to sign in.")
    port: int = Field(8501, ge=1, le=65535, description="Port to listen on.")
    oidc_client: Path | None = Field(
        None,
        description="TOML file with the client by which the app signs people in (OpenID Connect): redirect_uri, "
        "client_id, client_secret, server_metadata_url, cookie_secret under [auth]. Unset: not so.",
    )
    sign_in_hours: int = Field(
        12, ge=1, le=720, description="Hours after which somebody who signed in by OpenID Connect must do so again."
    )


class AccessSettings(_Group):
    """Who people are: signed host tokens, OpenID Connect, a trusted proxy, or one user on this machine."""

    single_user: bool | None = Field(
        None, description="Whether requests from this machine need no sign-in; unset: while no other way is set up."
    )
    audience: str = Field("kbchat", min_length=1, description="What a host token must say as `aud`.")
    refusals_noted: int = Field(
        5,
        ge=1,
        le=1000,
        description="Refused sign-ins of one reason and address that the audit gets one by one in a minute; the rest "
        "are counted.",
    )
    host_keys: tuple[HostKey, ...] = Field((), description="Keys with which the hospital's systems sign tokens.")
    session_minutes: int = Field(60, ge=1, le=720, description="Minutes a session lasts that a host token began.")
    oidc_issuer: str = Field("", description="Issuer of OpenID Connect tokens; empty: none are accepted.")
    oidc_audience: str = Field("kbchat", min_length=1, description="What such a token must say as `aud`.")
    oidc_jwks: Path | None = Field(None, description="File with the issuer's public keys (JWKS); read again on change.")
    oidc_algorithm: Literal["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"] = Field(
        "RS256", description="The one algorithm of such tokens."
    )
    oidc_user_claim: str = Field("sub", min_length=1, description="Claim that names the person.")
    oidc_roles_claim: str = Field("roles", min_length=1, description="Claim with roles or groups; dots lead inwards.")
    oidc_groups_claim: str = Field("groups", min_length=1, description="Claim with the groups of the person.")
    oidc_roles: dict[str, Literal["reader", "curator", "admin"]] = Field(
        {"reader": "reader", "curator": "curator", "admin": "admin"},
        description="Which value of the roles claim gives which role; others count for nothing.",
    )
    proxy_addresses: tuple[IPvAnyNetwork, ...] = Field(
        (), description="Addresses of the proxies whose headers say who asks; empty: such headers count for nothing."
    )
    proxy_user_header: str = Field("X-Remote-User", min_length=1, description="Header with the person's name.")
    proxy_roles_header: str = Field("X-Remote-Roles", min_length=1, description="Header with roles, by commas.")
    proxy_groups_header: str = Field("X-Remote-Groups", min_length=1, description="Header with groups, by commas.")


class PrivacySettings(_Group):
    """How long what concerns persons is kept. Swept once a day by a running service, or by `kbchat privacy sweep`."""

    conversation_days: int = Field(
        0, ge=0, le=36_500, description="Days a conversation is kept after its last use, and feedback; 0: for ever."
    )
    question_days: int = Field(
        0, ge=0, le=36_500, description="Days the masked questions behind the figures are kept; 0: for ever."
    )
    audit_days: int = Field(0, ge=0, le=36_500, description="Days the audit is kept; 0: for ever.")
    job_days: int = Field(90, ge=0, le=36_500, description="Days reports of finished uploads are kept; 0: for ever.")


class _TomlFile(TomlConfigSettingsSource):
    """The settings file, with an error that names it."""


class Settings(BaseSettings):
    """All settings of one kbchat."""

    model_config = SettingsConfigDict(
        env_prefix="KBCHAT_", env_nested_delimiter="__", extra="forbid", frozen=True, validate_default=True
    )

    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("kbchat", appauthor=False)),
        description="Folder that holds the database, the originals and the indexes.",
    )
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite in the data folder.")
    language: Language = Field(default_factory=system_language, description="Language of messages: zh or en.")
    ingest: IngestSettings = IngestSettings()
    chunk: ChunkSettings = ChunkSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    answer: AnswerSettings = AnswerSettings()
    generation: GenerationSettings = GenerationSettings()
    safety: SafetySettings = SafetySettings()
    hospital: HospitalSettings = HospitalSettings()
    pictures: PictureSettings = PictureSettings()
    logs: LogSettings = LogSettings()
    server: ServerSettings = ServerSettings()
    access: AccessSettings = AccessSettings()
    ui: UiSettings = UiSettings()
    privacy: PrivacySettings = PrivacySettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Explicit values, then the environment, then the file."""
        del dotenv_settings, file_secret_settings
        given = init_settings()
        sources: list[PydanticBaseSettingsSource] = [init_settings, env_settings]
        path = config_path(given.get("data_dir"))
        if path.is_file():
            sources.append(_TomlFile(settings_cls, toml_file=path))
        return tuple(sources)


def config_path(data_dir: Path | None = None) -> Path:
    """Where the settings file is looked for."""
    named = os.environ.get("KBCHAT_CONFIG")
    if named:
        return Path(named)
    folder = data_dir or os.environ.get("KBCHAT_DATA_DIR") or platformdirs.user_data_dir("kbchat", appauthor=False)
    return Path(folder) / "kbchat.toml"


_KNOWN_VARIABLES = frozenset({"KBCHAT_CONFIG"})


def _refuse_unknown_variables() -> None:
    fields = set(Settings.model_fields)
    for name in os.environ:
        if not name.startswith("KBCHAT_") or name in _KNOWN_VARIABLES:
            continue
        key = name.removeprefix("KBCHAT_").lower().split("__")[0]
        if key not in fields:
            raise ConfigurationError(
                Bilingual(
                    f"The environment variable {name} is not a setting of kbchat.",
                    f"环境变量 {name} 不是 kbchat 的设置项。",
                ),
                Bilingual(
                    "Unset it, or see docs/settings.md for the names.", "请删除它，或在 docs/settings.md 中查看设置名。"
                ),
            )


def _wrong(item: ErrorDetails) -> Bilingual:
    """One wrong setting: its name, and what was found where pydantic says what was expected."""
    name = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        return Bilingual(f"there is no setting {name}", f"没有设置项 {name}")
    return Bilingual(
        f"{name}: {item['msg']} (found {item['input']!r})", f"{name}：{item['msg']}（当前值 {item['input']!r}）"
    )


def load_settings(**overrides: Any) -> Settings:
    """Read the settings. ``overrides`` (from the command line) that are None are ignored.

    Raises ConfigurationError, naming each wrong key, what was found and what was expected.
    """
    _refuse_unknown_variables()
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = [_wrong(item) for item in error.errors()]
        where = config_path(given.get("data_dir"))
        raise ConfigurationError(
            Bilingual(
                f"The settings cannot be used: {'; '.join(said.en for said in wrong)}.",
                f"设置有误：{'；'.join(said.zh for said in wrong)}。",
            ),
            Bilingual(
                f"Correct {where} or the KBCHAT_* variables; docs/settings.md lists every setting.",
                f"请修改 {where} 或 KBCHAT_* 环境变量；全部设置见 docs/settings.md。",
            ),
        ) from error
    except ValueError as error:  # a TOML file that does not parse
        where = config_path(given.get("data_dir"))
        raise ConfigurationError(
            Bilingual(
                f"The settings file {where} is not valid TOML: {error}.", f"设置文件 {where} 不是有效的 TOML：{error}。"
            ),
            Bilingual("Correct the line named.", "请修改所指的那一行。"),
        ) from error
