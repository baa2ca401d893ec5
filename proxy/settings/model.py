"""The settings, frozen. Defaults stand here and nowhere else; `config/kpi-proxy.yaml` shows and explains each one.

The annotations say how a value is written in YAML (proxy.settings.base). Who people are is in proxy.settings.people, money and
time saved in proxy.settings.value, who scores answers in proxy.settings.reviews.
"""

from __future__ import annotations

from typing import Literal

from msgspec import field

from proxy.access.invitations import Scale as SurveyScale
from proxy.access.roles import Rank
from proxy.settings.base import Address, Date, Duration, Path, Share, Size, TimeZone, Url
from proxy.settings.base import Section as _Settings
from proxy.settings.opinions import Opinions
from proxy.settings.people import Identity, People, Synthetic
from proxy.settings.reviews import Judge, Reviews
from proxy.settings.value import Value

Returns = Literal["no", "conversation", "anywhere"]
"""`conversation`: a return to the same one. `anywhere`: whatever its user says, to any assistant behind the proxy."""


class Session(_Settings, frozen=True, kw_only=True):
    """What a session is (kpi/session)."""

    idle: Duration = 1800.0
    settle: Duration = 86400.0
    assumed: bool = True  # an assumed resolution counts as automated
    traces: Duration = 92 * 86400.0  # for which turns are kept without content, to explain and remake figures; whole days
    returns: Returns = "conversation"  # where a return before the session settled takes an assumed resolution back


class Targets(_Settings, frozen=True, kw_only=True):
    """The bands that a measure is held against."""

    automation: tuple[Share, Share] = (0.5, 0.8)
    handover: tuple[Share, Share] = (0.1, 0.2)
    response: Duration = 10.0
    csat: Share = 0.8
    adoption: Share = 0.6


SignMark = Literal[
    "handover_requested",
    "handover_started",
    "handover_accepted",
    "handover_failed",
    "handover_completed",
    "handover_returned",
    "ticket_created",
    "no_answer",
    "resolved",
    "closed",
]
"""What a sign on HTTP may mean: kinds of marks that one call can say."""


class Topics(_Settings, frozen=True, kw_only=True):
    """Themes of what got no answer, which nobody can read before so many people have raised them (kpi/topics)."""

    kept: bool = False
    people: int = 10


class Sign(_Settings, frozen=True, kw_only=True):
    """What a call or an answer means, told by HTTP alone: all that is given must fit."""

    name: str  # of the rule, as evidence shows it
    mark: SignMark
    methods: tuple[str, ...] = ()
    path: str = ""  # an RE2 pattern; its group `conversation` names one
    status: tuple[int, ...] = ()  # without: any below 400
    header: str = ""  # of the answer: NAME, or NAME: VALUE, where "*" matches any run


class Markers(_Settings, frozen=True, kw_only=True):
    """Which marker files apply (names of config/markers, or paths), the operator's own tool names for a handover, and signs."""

    files: tuple[str, ...] = ("handover-fr", "handover-en", "no-answer", "tickets", "thanks")
    trial: tuple[str, ...] = ()  # files that change no figure, and are tried by what-if
    handover_tools: tuple[str, ...] = ()
    http: tuple[Sign, ...] = ()
    phrases: bool = True

    @property
    def named(self) -> tuple[str, ...]:
        """All files that have to be there."""
        return (*self.files, *self.trial)


class Probe(_Settings, frozen=True, kw_only=True):
    """A question that kpi-proxy itself asks the assistant at intervals, beside people's traffic."""

    name: str = "up"
    interval: Duration = 30.0
    timeout: Duration = 10.0
    path: str = "/"
    status: tuple[int, ...] = (200,)
    question: str = ""  # the body of a POST; without one it is a GET
    expect: str = ""  # an RE2 pattern that the answer must contain
    headers_file: Path | None = None  # lines of "Name: value", for credentials


class Survey(_Settings, frozen=True, kw_only=True):
    """Ratings by kpi-proxy's own widget and links, for applications without any."""

    origins: tuple[str, ...] = ()  # whose pages may ask for invitations
    scale: SurveyScale = "five"
    valid: Duration = 7 * 86400.0  # of an invitation


AnnotationKind = Literal["deployment", "incident", "other"]


class Annotation(_Settings, frozen=True, kw_only=True):
    """Something that happened to the assistant and may explain its figures."""

    on: Date
    text: str
    kind: AnnotationKind = "deployment"


class Assistant(_Settings, frozen=True, kw_only=True):
    """One assistant behind the proxy."""

    upstream: Url
    replicas: tuple[Url, ...] = ()  # more addresses of the same assistant
    name: str = "assistant"
    listen: Address = "127.0.0.1:8080"
    hosts: tuple[str, ...] = ()  # with the same `listen` as another: which requests are its own
    prefix: str = ""
    certificate: Path | None = None  # of the listener: clients come by TLS
    key: Path | None = None
    proxied: tuple[str, ...] = ()  # networks of balancers that begin connections with a PROXY header
    preset: str | tuple[str, ...] = "auto"
    channel: str = ""
    routes: tuple[str, ...] = ()  # starts of paths whose turns have figures of their own
    time_zone: TimeZone = "Europe/Paris"
    launched: Date | None = None
    host: Literal["auto", "preserve", "upstream"] = "auto"
    via: bool = False
    forwarded: Literal["pass", "append"] = "pass"
    verify: bool = True  # the upstream's certificate
    ca_file: Path | None = None
    server_name: str = ""  # that the upstream's certificate must have
    client_certificate: Path | None = None  # for an upstream that asks for one
    client_key: Path | None = None
    session: Session = field(default_factory=Session)
    identity: Identity = field(default_factory=Identity)
    synthetic: Synthetic = field(default_factory=Synthetic)
    people: People = field(default_factory=People)
    targets: Targets = field(default_factory=Targets)
    markers: Markers = field(default_factory=Markers)
    topics: Topics = field(default_factory=Topics)
    probes: tuple[Probe, ...] = ()
    survey: Survey = field(default_factory=Survey)
    opinions: Opinions = field(default_factory=Opinions)
    reviews: Reviews = field(default_factory=Reviews)
    judge: Judge = field(default_factory=Judge)
    annotations: tuple[Annotation, ...] = ()
    value: Value = field(default_factory=Value)


def preset_names(assistant: Assistant) -> tuple[str, ...]:
    """The presets of an assistant as they are written: names, or paths of its operator's own."""
    return (assistant.preset,) if isinstance(assistant.preset, str) else assistant.preset


class Capture(_Settings, frozen=True, kw_only=True):
    """How much of the bodies a relay copies for the observer."""

    limit: Size = 1024 * 1024  # each side of an exchange
    total: Size = 64 * 1024 * 1024  # all of one relay, until acknowledged
    records: int = 200_000  # not yet acknowledged


class Limits(_Settings, frozen=True, kw_only=True):
    """What a relay grants a client, and how long it waits. 0 means no limit."""

    connections: int = 10_000
    client_connections: int = 0
    head: Size = 64 * 1024
    headers: int = 500
    head_time: Duration = 15.0
    keep_alive: Duration = 75.0
    connect_time: Duration = 5.0
    dns_time: Duration = 30.0
    first_byte_time: Duration = 0.0
    stall: Duration = 300.0  # of a client that neither sends the rest of its request nor takes what waits for it
    pool: int = 512  # idle connections kept to an upstream
    pool_idle: Duration = 30.0
    drain: Duration = 30.0


class SignOn(_Settings, frozen=True, kw_only=True):
    """People whom a gateway has signed in: it names them in a header, which is believed only from its addresses."""

    header: str = ""  # that names the user; empty: off
    trusted: tuple[str, ...] = ()  # networks of the gateway, in CIDR form
    role: Rank = "viewer"  # of whoever is named
    reviewers: tuple[str, ...] = ()
    auditors: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    department_header: str = ""  # that names the department; without a value in it a viewer sees nothing


class Console(_Settings, frozen=True, kw_only=True):
    """The pages, the API and /metrics. Off loopback nobody reads without a token or a gateway's word."""

    listen: Address = "127.0.0.1:8081"
    token_file: Path | None = None  # holds the operator's own token, an admin's
    tokens: Path | None = None  # what `kpi-proxy token` writes; none: tokens.json in `state`
    sign_on: SignOn = field(default_factory=SignOn)
    language: Literal["auto", "en", "fr"] = "auto"


class Store(_Settings, frozen=True, kw_only=True):
    """Where the ledger lives: "embedded", or a URL (proxy.settings.store_url). The files are for rediss:// URLs."""

    url: str = "embedded"
    ca_file: Path | None = None
    client_certificate: Path | None = None  # for a store that asks for one
    client_key: Path | None = None
    outbox_limit: Size = 1024 * 1024 * 1024


class Export(_Settings, frozen=True, kw_only=True):
    """OpenTelemetry. OTLP is pushed when OTEL_EXPORTER_OTLP_ENDPOINT (or ..._METRICS_ENDPOINT) is set."""

    prometheus: bool = True
    series_limit: int = 2000
    gen_ai: bool = False  # the GenAI conventions' names beside our own
    traces: bool = False  # a span for each turn whose request carries a sampled traceparent


class Reports(_Settings, frozen=True, kw_only=True):
    """The monthly reports that are written by themselves, below `state`. Without formats there are none."""

    formats: tuple[Literal["html", "md", "csv", "xlsx"], ...] = ("html",)
    languages: tuple[Literal["en", "fr"], ...] = ("en", "fr")
    keep: int = 24  # months


class Log(_Settings, frozen=True, kw_only=True):
    """How the processes log."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class Settings(_Settings, frozen=True, kw_only=True):
    """Everything. `state` is the directory of the secret, the outbox and the embedded store (made with mode 0700)."""

    assistants: tuple[Assistant, ...]
    state: Path = "~/.local/state/kpi-proxy"
    workers: int = 1
    console: Console = field(default_factory=Console)
    store: Store = field(default_factory=Store)
    capture: Capture = field(default_factory=Capture)
    limits: Limits = field(default_factory=Limits)
    export: Export = field(default_factory=Export)
    reports: Reports = field(default_factory=Reports)
    log: Log = field(default_factory=Log)
