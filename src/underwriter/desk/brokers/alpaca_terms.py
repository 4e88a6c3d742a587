"""On what terms Alpaca is spoken to: its hosts, the credential, timeouts; without alpaca-py."""

from collections.abc import Mapping
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from underwriter.core.errors import InputError
from underwriter.desk.ports import Capabilities, RefusedError

KEY, SECRET = "APCA_API_KEY_ID", "APCA_API_SECRET_KEY"
CAN = Capabilities("alpaca", legs=4, beside_shares=False, rolls=True, exercises=False)
_HIDDEN = "(hidden)"


class Keys:
    """A credential, which no message and no repr ever shows."""

    __slots__ = ("key", "secret")

    def __init__(self, key: str, secret: str) -> None:
        self.key, self.secret = key, secret

    def __repr__(self) -> str:
        return f"Keys({KEY}, {SECRET})"

    def hide(self, text: str) -> str:
        """A text of somebody else's without the credential in it."""
        return text.replace(self.secret, _HIDDEN).replace(self.key, _HIDDEN)


def keys_of(environment: Mapping[str, str]) -> Keys:
    """The credential in the environment; InputError that names what is missing."""
    found = {name: environment.get(name, "").strip() for name in (KEY, SECRET)}
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise InputError(
            f"environment: expected {' and '.join(missing)}, the credential of the account at "
            "Alpaca, found nothing there"
        )
    return Keys(found[KEY], found[SECRET])


class Hosts(NamedTuple):
    """The two addresses of an account: where it trades, and where quotes come from."""

    trading: str
    market: str


MARKET = "https://data.alpaca.markets"
PAPER = Hosts("https://paper-api.alpaca.markets", MARKET)
LIVE = Hosts("https://api.alpaca.markets", MARKET)
HOSTS: Mapping[str, Hosts] = {"paper": PAPER, "live": LIVE}


def is_local(url: str) -> bool:
    """Whether an address stays on this machine."""
    return urlsplit(url).hostname in {"localhost", "127.0.0.1", "::1"}


def is_practice(url: str) -> bool:
    """Whether no money moves at an address: Alpaca's paper host, or this machine."""
    return urlsplit(url).hostname == urlsplit(PAPER.trading).hostname or is_local(url)


class Terms(NamedTuple):
    """How an account is spoken to."""

    hosts: Hosts = PAPER
    live: bool = False  # the switch without which no host is reached where money moves
    dry: bool = False  # nothing is sent that changes anything
    connect: float = 5.0  # seconds
    read: float = 20.0  # seconds without a byte
    page: int = 100  # activities in one answer, of which 100 are the most
    option_feed: Literal["opra", "indicative"] = "opra"
    share_feed: Literal["sip", "iex", "delayed_sip"] = "sip"


def checked(terms: Terms) -> Terms:
    """The terms; InputError for a host in the clear, or for a live one without the switch."""
    for url in terms.hosts:
        if urlsplit(url).scheme != "https" and not is_local(url):
            raise InputError(f"alpaca: expected an https host, found {url}")
    if not (terms.live or is_practice(terms.hosts.trading)):
        raise InputError(
            f"alpaca: {terms.hosts.trading} is no paper host, and the live switch is off; "
            f"expected {PAPER.trading}, or the switch"
        )
    return terms


class AnsweredNoError(RefusedError):
    """Alpaca's own no, with its status and its code."""

    def __init__(self, text: str, status: int, code: int) -> None:
        super().__init__(text)
        self.status, self.code = self.parts = status, code
