"""alpaca-py, made safe: every request through one guard, every trouble one of the desk's three.

    what alpaca-py does by itself                     what is done about it
    sets no timeout                                   the guard sets one on every request
    sends a POST again after 429 and 504, in silence  orders carry our id: a second one is refused
                                                      as a double, and looked up
    waits three seconds in between                    none: the guard waits, on the one clock
    follows whatever host it is given                 the guard lets pass what the terms allow

Nothing else imports alpaca-py, and nothing imports this module before an account is opened.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

from alpaca.common.exceptions import APIError
from alpaca.common.rest import RESTClient
from alpaca.data.enums import DataFeed, OptionsFeed
from alpaca.data.historical.option import OptionHistoricalDataClient
from alpaca.data.historical.stock import StockHistoricalDataClient
from alpaca.data.requests import (
    OptionChainRequest,
    OptionLatestQuoteRequest,
    StockLatestQuoteRequest,
    StockLatestTradeRequest,
)
from alpaca.trading.client import TradingClient
from alpaca.trading.requests import LimitOrderRequest, OptionLegRequest
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as ReachError
from requests.exceptions import ConnectTimeout, RequestException
from urllib3.exceptions import NewConnectionError

from underwriter.desk.brokers.alpaca_terms import (
    KEY,
    SECRET,
    AnsweredNoError,
    Keys,
    Terms,
    is_local,
    is_practice,
)
from underwriter.desk.brokers.pace import MINUTE, TOO_MANY, Pace
from underwriter.desk.ports import (
    BrokerError,
    Clock,
    DoubtError,
    RefusedError,
    UnreachableError,
)

RETRIES = 2  # after the first try
RETRIED = (429, 504)
_UNAUTHORISED, _FORBIDDEN, _TIMED_OUT, _SERVERS = 401, 403, 408, 500
_LONGEST_SHUT, _MOST_TIMES = 60 * MINUTE, 6
_LONGEST = 300  # characters of an answer that a message repeats


class Guard(HTTPAdapter):
    """The one door to a host: what the terms forbid does not pass, the rest at its pace."""

    def __init__(self, terms: Terms, pace: Pace, heard: list[int], *, trades: bool) -> None:
        super().__init__(max_retries=0)
        self.terms, self.pace, self.heard, self.trades = terms, pace, heard, trades

    def send(  # as requests calls it
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002  likewise
        timeout: Any = None,  # noqa: ANN401, ARG002  likewise: ours is taken
        verify: bool | str = True,  # noqa: FBT001, FBT002  likewise
        cert: Any = None,  # noqa: ANN401  likewise
        proxies: Any = None,  # noqa: ANN401  likewise
    ) -> Response:
        """Send a request that the terms allow, when the pace has room for it."""
        self._allow(str(request.method), str(request.url))
        self.pace.take()
        limits = self.terms.connect, self.terms.read
        self.heard.append(0)
        answer: Response = super().send(request, stream, limits, verify, cert, proxies)
        self.heard[-1] = answer.status_code
        self.pace.heard(answer.status_code, answer.headers)
        return answer

    def _allow(self, method: str, url: str) -> None:
        """RefusedError for a request that must not be sent."""
        if method != "GET" and (self.terms.dry or not self.trades):
            where = "a dry run" if self.trades else "a question about quotes"
            raise RefusedError(f"alpaca: {where} sends no {method}")
        if self.trades and not (self.terms.live or is_practice(url)):
            raise RefusedError("alpaca: the live switch is off; nothing is sent to a live host")
        if not (url.startswith("https://") or is_local(url)):
            raise RefusedError("alpaca: nothing is sent in the clear")


class Wire:
    """The clients of one account; what goes wrong between is a BrokerError."""

    def __init__(self, keys: Keys, clock: Clock, terms: Terms) -> None:
        self.terms, self._keys, self._clock = terms, keys, clock
        self._shut: AnsweredNoError | None = None  # the credential was not taken
        self._until, self._times = 0, 0  # asked no more before a moment; how often in a row
        self._heard: list[int] = []  # the statuses of one call; 0 of what was not answered
        own, (trading_url, market_url) = (keys.key, keys.secret), terms.hosts
        self.trading = TradingClient(*own, raw_data=True, url_override=trading_url)
        self.shares = StockHistoricalDataClient(*own, raw_data=True, url_override=market_url)
        self.options = OptionHistoricalDataClient(*own, raw_data=True, url_override=market_url)
        trading, market = Pace("alpaca", clock), Pace("alpaca's quotes", clock)
        self._dress(self.trading, Guard(terms, trading, self._heard, trades=True))
        for client in (self.shares, self.options):
            self._dress(client, Guard(terms, market, self._heard, trades=False))

    def __repr__(self) -> str:
        return f"Wire({self.terms.hosts.trading})"

    @staticmethod
    def _dress(client: RESTClient, guard: Guard) -> None:
        """Put a guard before a client, and say what alpaca-py may try again: it has no door."""
        session = client._session  # noqa: SLF001
        session.mount("https://", guard)
        session.mount("http://", guard)
        session.trust_env = not is_local(guard.terms.hosts.trading)  # no proxy to this machine
        client._retry, client._retry_wait = RETRIES, 0  # noqa: SLF001
        client._retry_codes = list(RETRIED)  # noqa: SLF001

    def close(self) -> None:
        """Let go of the connections."""
        for client in (self.trading, self.shares, self.options):
            client._session.close()  # noqa: SLF001

    def ask(self, call: Callable[[], Any]) -> Any:  # noqa: ANN401  what JSON holds
        """What a call answers.

        Raises AnsweredNoError for Alpaca's own no, UnreachableError where nothing was taken for
        certain, and DoubtError for everything else.
        """
        self._heard.clear()
        if self._shut is not None and self._clock.now() < self._until:
            raise AnsweredNoError(f"{self._shut}; not asked again so soon", *self._shut.parts)
        try:
            found = call()
        except UnreachableError as problem:
            if self._certain():
                raise
            raise DoubtError(f"{problem} again, and nobody knows of the first time") from problem
        except BrokerError:
            raise
        except APIError as problem:
            raise self._answered(problem) from None  # the request beside it has the credential
        except RequestException as problem:
            if never_sent(problem) and self._certain():
                raise UnreachableError(f"alpaca: not reached: {self._short(problem)}") from None
            raise DoubtError(f"alpaca: no whole answer: {self._short(problem)}") from None
        except (ValueError, TypeError, AttributeError, KeyError) as problem:
            raise DoubtError(f"alpaca: no answer to read: {self._short(problem)}") from None
        self._shut, self._times = None, 0
        return found

    def send(self, fields: dict[str, Any]) -> Any:  # noqa: ANN401  what JSON holds
        """What a limit order answers; see `ask`."""
        legs = [OptionLegRequest(**leg) for leg in fields.pop("legs", ())]
        order = LimitOrderRequest(**fields, **({"legs": legs} if legs else {}))
        return self.ask(lambda: self.trading.submit_order(order))

    # --- quotes ---

    def quoted(self, options: Sequence[str]) -> Any:  # noqa: ANN401  likewise
        """The latest quotes of options."""
        asked = OptionLatestQuoteRequest(
            symbol_or_symbols=[*options], feed=OptionsFeed(self.terms.option_feed)
        )
        return self.ask(lambda: self.options.get_option_latest_quote(asked))

    def quoted_shares(self, symbols: Sequence[str]) -> Any:  # noqa: ANN401  likewise
        """The latest quotes of shares."""
        asked = StockLatestQuoteRequest(
            symbol_or_symbols=[*symbols], feed=DataFeed(self.terms.share_feed)
        )
        return self.ask(lambda: self.shares.get_stock_latest_quote(asked))

    def traded_shares(self, symbols: Sequence[str]) -> Any:  # noqa: ANN401  likewise
        """The latest trades of shares."""
        asked = StockLatestTradeRequest(
            symbol_or_symbols=[*symbols], feed=DataFeed(self.terms.share_feed)
        )
        return self.ask(lambda: self.shares.get_stock_latest_trade(asked))

    def chain(self, symbol: str, first: date, last: date) -> Any:  # noqa: ANN401  likewise
        """The snapshots of an underlying's options that expire from a day to another."""
        asked = OptionChainRequest(
            underlying_symbol=symbol, feed=OptionsFeed(self.terms.option_feed),
            expiration_date_gte=first, expiration_date_lte=last,
        )  # fmt: skip
        return self.ask(lambda: self.options.get_option_chain(asked))

    # --- what went wrong ---

    def _certain(self) -> bool:
        """Whether all that was sent in this call was turned away at the door."""
        *before, last = self._heard or [0]
        return all(status == TOO_MANY for status in before) and last in {0, TOO_MANY}

    def _answered(self, problem: APIError) -> BrokerError:
        """An answer that is no success."""
        status, told = problem.status_code or 0, _told(str(problem))
        words = f"{status}: {self._short(told.message)}"
        if status == TOO_MANY and self._certain():
            return UnreachableError(f"alpaca: asked too often ({words}); nothing was taken")
        if status in {_TIMED_OUT, TOO_MANY} or status >= _SERVERS or not status:
            return DoubtError(f"alpaca: {words}")
        if status == _UNAUTHORISED or (status == _FORBIDDEN and not told.code):
            return self._not_taken(words, status, told.code)
        return AnsweredNoError(f"alpaca: {words}", status, told.code)

    def _not_taken(self, words: str, status: int, code: int) -> AnsweredNoError:
        """The credential was not taken: for a while, longer each time, it is not shown again."""
        self._shut = AnsweredNoError(
            f"alpaca: does not take the credential in {KEY} and {SECRET} ({words}); "
            f"expected one of an account at {self.terms.hosts.trading}",
            status, code,
        )  # fmt: skip
        self._until = self._clock.now() + min(MINUTE << self._times, _LONGEST_SHUT)
        self._times = min(self._times + 1, _MOST_TIMES)
        return self._shut

    def _short(self, what: object) -> str:
        """Somebody else's words in one line, without the credential."""
        return self._keys.hide(" ".join(str(what).split()))[:_LONGEST]


class Words(NamedTuple):
    """Alpaca's answer to what it does not do."""

    code: int  # 0 where it says none
    message: str


def _told(text: str) -> Words:
    """Code and message of an answer, whatever it is."""
    with suppress(ValueError):
        found = json.loads(text)
        if isinstance(found, dict):
            code = found.get("code")
            return Words(code if isinstance(code, int) else 0, str(found.get("message", text)))
    return Words(0, text)


def never_sent(problem: RequestException) -> bool:
    """Whether a connection was never made, so that nothing can have been sent."""
    if isinstance(problem, ConnectTimeout):
        return True
    if not isinstance(problem, ReachError) or not problem.args:
        return False
    reason = getattr(problem.args[0], "reason", None)
    return isinstance(reason, NewConnectionError)
