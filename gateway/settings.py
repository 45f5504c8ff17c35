"""Settings: read once from the environment and handed down; each is a name, a default and a sentence."""

from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from profiles.errors import SettingsError

PREFIX = "PROFILE_GATEWAY_"
LONGEST_HOST = 255


class Settings(BaseSettings):
    """Everything that a deployment can choose. Without any: SQLite, one worker, in-process bus, GraphiQL on."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    database_url: str = Field(
        default="sqlite:///profile-gateway.db",
        description="The database: an SQLite file (`sqlite:///file.db`) or PostgreSQL 14 or newer "
        "(`postgresql+asyncpg://user:password@host/name`).",
    )
    redis_url: str | None = Field(
        default=None,
        description="Redis or Valkey (`redis://host:6379`), which lets several processes hear each other's events; "
        "without it there can be one worker only.",
    )
    cache: bool = Field(
        default=True,
        description="Whether what was read of a customer is kept until it changes, at most a minute: in the process "
        "beside an SQLite file, in Redis beside PostgreSQL (and not at all where PostgreSQL has no Redis).",
    )
    answer_cache_megabytes: int = Field(
        default=64,
        ge=0,
        le=65536,
        description="How much memory finished answers may take in each process, while everything that they rest on is "
        "as it was; 0 keeps none. Answers are kept only where what was read is.",
    )
    list_cache_seconds: float = Field(
        default=0,
        ge=0,
        le=60,
        description="How old a list that is not about stated customers (a search, a segment, all tags) may be shown; 0 "
        "asks the database each time.",
    )
    account_file: Path | None = Field(
        default=None,
        description="The account's settings, panels and attribute definitions as TOML; without it a built-in example.",
    )
    development_key: str | None = Field(
        default=None,
        min_length=3,
        description="A key with every scope, accepted from this machine only; the gateway refuses to start with it on "
        "any other address than the loopback.",
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port to listen on; 0 takes any free one.")
    graphiql: bool = Field(default=True, description="Whether GraphiQL is served at `/`.")
    graphiql_customer: str = Field(
        default="58",
        description="The external id of the customer on whom GraphiQL's ready queries open, where there is a "
        "development key, and who is on the site while `demo` serves; the default is the demo household with something "
        "in every panel.",
    )
    introspection: bool = Field(
        default=True,
        description="Whether every key may read the schema; where off, only keys with the scope `debug` may, and "
        "GraphiQL knows no names for the others.",
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Web origins besides the gateway's own that may call it from a browser, separated by commas "
        "(`https://crm.example.com`).",
    )
    pool_size: int = Field(default=10, ge=1, le=500, description="Connections to PostgreSQL for reads, per worker.")
    direct_connections: bool = Field(
        default=True,
        description="Whether PostgreSQL is reached directly; set it to false behind PgBouncer in transaction mode, "
        "where prepared statements would mix up answers.",
    )
    combined_reads: bool = Field(
        default=True,
        description="Whether the small reads of one level of a query go to PostgreSQL as one statement; set it to "
        "false on Citus, which cannot send such a statement to one machine.",
    )
    execution_timeout_seconds: float = Field(
        default=10, gt=0, le=300, description="How long one operation may take before it is cancelled, SQL included."
    )
    executor: Literal["compiled", "core"] = Field(
        default="compiled",
        description="What runs operations: functions compiled from them (`compiled`), or graphql-core alone (`core`), "
        "which answers the same, more slowly.",
    )
    compile_after: int = Field(
        default=1,
        ge=0,
        description="How often graphql-core runs an operation before it is compiled; 0 compiles at the first sight, "
        "which slows down documents that never come again.",
    )
    body_limit_bytes: int = Field(
        default=256 * 1024, ge=1024, description="The largest request body, counted while it arrives."
    )
    message_limit_bytes: int = Field(
        default=128 * 1024, ge=1024, description="The largest message that a WebSocket client may send."
    )
    subscriptions_per_connection: int = Field(
        default=20, ge=1, description="How many operations one WebSocket connection may have open."
    )
    init_timeout_seconds: float = Field(
        default=5, gt=0, description="How long a WebSocket client may take to say `connection_init`."
    )
    ping_interval_seconds: float = Field(
        default=15, gt=0, description="How often live connections are pinged, so that no proxy thinks them dead."
    )
    send_timeout_seconds: float = Field(
        default=10, gt=0, description="How long a live client may leave an answer unread before it is disconnected."
    )
    key_check_seconds: float = Field(
        default=2,
        gt=0,
        le=60,
        description="How long a key's state is remembered, and how often open live connections are checked: a revoked "
        "key ends them within twice this time.",
    )
    outbox_interval_seconds: float = Field(
        default=2, gt=0, description="How often events whose announcement was lost are announced again."
    )
    drain_seconds: float = Field(
        default=1,
        ge=0,
        description="How long a gateway that was told to stop (SIGTERM) still takes requests while `/readyz` already "
        "says no, so that a load balancer can notice.",
    )
    shutdown_timeout_seconds: int = Field(
        default=10, ge=0, description="How long running requests may take to finish when the gateway is told to stop."
    )

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _separated(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(origin.strip().rstrip("/").lower() for origin in value.split(",") if origin.strip())
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not origin.startswith(("http://", "https://")):
                raise ValueError(f"{origin!r} is not an origin such as https://crm.example.com")
        return origins

    def require_consistent(self, workers: int = 1) -> None:
        """Raises SettingsError where settings contradict each other."""
        if self.development_key is not None and not is_loopback(self.host):
            raise SettingsError(
                f"{PREFIX}DEVELOPMENT_KEY opens everything, so it may be used on the loopback only, not on "
                f"{self.host}: unset it, or make a real key with `profile-gateway keys create`."
            )
        if workers > 1 and self.redis_url is None:
            raise SettingsError(
                f"{workers} workers need {PREFIX}REDIS_URL: without it a subscriber in one worker would never hear of "
                "what another worker wrote."
            )


def is_loopback(host: str) -> bool:
    """Whether an address or name stands for this very machine."""
    return len(host) <= LONGEST_HOST and _is_loopback(host)


@lru_cache(maxsize=256)
def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def read_settings(**given: Any) -> Settings:
    """The settings of the environment, with what is `given` before them. Raises SettingsError with one sentence."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = f"{PREFIX}{str(first['loc'][0]).upper()}" if first["loc"] else PREFIX.rstrip("_")
        raise SettingsError(f"{name} is wrong: {first['msg'].removeprefix('Value error, ')}.") from None
