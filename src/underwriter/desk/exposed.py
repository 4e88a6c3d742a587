"""What presses on a short option now: its strike is tested, or a dividend calls it tonight.

    tested          the underlying is through the strike, or at it
    ex-dividend     an American call in the money goes ex before the next session, and has less
                    extrinsic value left than the dividend brings its holder

They stand while they hold: each is told once, whatever the policy does about it.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final, NamedTuple

from underwriter.book.folded import Book
from underwriter.book.loose import root_of
from underwriter.core.chain import find, mid_u, offered
from underwriter.core.contract import CALL, Contract, intrinsic_u, unpack
from underwriter.core.kernel import plain
from underwriter.core.sleeve import SHORT_CALL, SHORT_PUT
from underwriter.core.units import day_of
from underwriter.desk.amounts import money
from underwriter.desk.tidings import Tiding
from underwriter.market.slab import Slab

_find, _mid_u, _offered, _intrinsic_u = (
    plain(each) for each in (find, mid_u, offered, intrinsic_u)
)
_NO_HINT: Final = -1


class Short(NamedTuple):
    """A short option that is held, and the market beside it; prices are a share."""

    sleeve: int
    contract: Contract
    quantity: int  # contracts, without a sign
    american: bool
    spot_u: int
    mid_u: int | None  # None without a quote of two sides
    ex: date | None  # the ex-date, where it comes before the next session is decided
    dividend_u: int  # on it


def shorts(book: Book, slab: Slab, account: str) -> Iterator[Short]:
    """The short options of an account, on a slab of one session; what it does not quote is left."""
    places = {(one.symbol, one.root): at for at, one in enumerate(slab.instruments)}
    for row, opened in enumerate(book.sleeves):
        place = places.get((opened.underlying, opened.root))
        if opened.account == account and place is not None:
            for slot in (SHORT_PUT, SHORT_CALL):
                quantity = int(book.state.sleeves[row].quantity[slot])
                if quantity:
                    key = int(book.state.sleeves[row].contract[slot])
                    root = book.instruments[root_of(key) - 1].root
                    yield _short(opened.sleeve, unpack(key, root), quantity, slab, place)


def _short(sleeve: int, contract: Contract, quantity: int, slab: Slab, place: int) -> Short:
    """A short option with its quote and the next dividend of its underlying."""
    market: Any = slab.market
    bar, session = market.bars[0, place], market.sessions[0]
    row = int(_find(market.quotes, bar, 0, contract.key(place + 1), _NO_HINT))
    quoted = row >= 0 and bool(_offered(market.quotes[row]))
    soon = int(session.day) < int(bar.next_ex) <= int(session.tomorrow)
    return Short(
        sleeve, contract, abs(quantity), bool(market.terms[place].american), int(bar.close_u),
        int(_mid_u(market.quotes[row])) if quoted else None,
        day_of(int(bar.next_ex)) if soon else None, int(bar.next_dividend_u) if soon else 0,
    )  # fmt: skip


def pressed(held: Iterable[Short]) -> list[Tiding]:
    """What presses on short options."""
    return [tiding for one in held for tiding in (_called(one), _tested(one)) if tiding]


def _tested(one: Short) -> Tiding | None:
    """A short option whose underlying is at its strike or through it."""
    strike_u = int(one.contract.strike * 1_000_000)
    through_u = one.spot_u - strike_u if one.contract.right == CALL else strike_u - one.spot_u
    if through_u < 0:
        return None
    how = f"{money(through_u)} through" if through_u else "at"
    title = f"Tested: {one.quantity} short {one.contract}, spot {money(one.spot_u)} is {how} it"
    text = f"Sleeve {one.sleeve}; its middle is {_middle(one)}."
    return Tiding("warning", f"tested {one.sleeve} {one.contract}", title, text)


def _called(one: Short) -> Tiding | None:
    """A short call whose holder gains by exercising it before the dividend."""
    if one.ex is None or not one.american or one.contract.right != CALL:
        return None
    inside_u = int(_intrinsic_u(one.contract.key(1), one.spot_u))
    if inside_u <= 0:
        return None
    left_u = None if one.mid_u is None else max(one.mid_u - inside_u, 0)
    if left_u is not None and left_u >= one.dividend_u:
        return None
    has = "no quote to say what" if left_u is None else money(left_u)
    title = (
        f"Ex-dividend {one.ex}: {one.quantity} short {one.contract} has {has} extrinsic left, "
        f"beside a dividend of {money(one.dividend_u)}"
    )
    text = (
        f"Sleeve {one.sleeve}: expect to be called away the evening before, and to owe the "
        "dividend where no shares cover it. To keep the shares, buy it back before the close."
    )
    return Tiding("warning", f"ex-dividend {one.sleeve} {one.contract} {one.ex}", title, text)


def _middle(one: Short) -> str:
    return "not quoted on both sides" if one.mid_u is None else money(one.mid_u)
