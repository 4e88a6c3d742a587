"""A folded book takes the seats of a slab: every row by hand. The engine's own are in parity."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from book.test_fold import COMMON, OPENED, PUT, SEAT, book_of, filled, marked
from markets import limits, market, owns, policies, put
from underwriter.book.event import Adjusted, Deposited, Quoted, SleeveOpened
from underwriter.book.fold import Book, Instrument, fold
from underwriter.book.journal import Journal
from underwriter.book.journal import events as read_journal
from underwriter.book.naming import sleeve_names
from underwriter.book.seated import Names, count_back, empty_seats, take_seats
from underwriter.core import reason
from underwriter.core.chain import NO_ROW
from underwriter.core.contract import NONE, parse_osi
from underwriter.core.errors import InputError
from underwriter.core.intent import APPROVED, Decision
from underwriter.core.record import rows
from underwriter.core.session import step
from underwriter.core.sleeve import NEVER, SHORT_CALL, SHORT_PUT, UNKNOWN, BookState, new_book
from underwriter.core.units import MICRO

KO, SPX10 = Instrument("KO", "KO"), Instrument("SPX/10", "SPX10")
NAMES = Names(("main",), ("other", "wheel"), (KO, SPX10))
RUNG = SleeveOpened(
    **{**SEAT, "sleeve": 9}, name="wheel", underlying="SPX/10", root="SPX10", multiplier=100
)


@dataclass(frozen=True)
class At:
    """Where a seat stands: by number of its policy and its underlying."""

    policy: int
    underlying: int


def seats(*wanted: At) -> BookState:
    """An empty state with seats of one account, two policies and two underlyings."""
    state = new_book(1, len(wanted), 2, 2)
    for at, one in enumerate(wanted):
        state.sleeves[at].policy = one.policy
        state.sleeves[at].underlying = one.underlying
    return state


WHEEL = At(1, 1)


def held() -> Book:
    """Three short puts on the first rung of the wheel, marked; the second is flat."""
    evening = marked(
        5 * MICRO, peak_u=6 * MICRO, reserved_u=11, puts_u=7, margin_u=13, exposure_u={"SPX/10": 17}
    )
    return book_of(RUNG, filled(-3, 600), evening)


def test_a_sleeve_sits_where_the_slab_has_it_under_the_number_of_its_root() -> None:
    state = seats(At(0, 0), WHEEL)
    take_seats(held(), state, NAMES)
    other, sleeve = state.sleeves
    assert [int(each) for each in other.quantity] == [0] * len(other.quantity)
    assert int(sleeve.quantity[SHORT_PUT]) == -3
    assert int(sleeve.amount_u[SHORT_PUT]) == 600 * MICRO
    assert int(sleeve.contract[SHORT_PUT]) == parse_osi(PUT, ("SPX10",)).key(2)
    assert int(sleeve.contract[SHORT_CALL]) == NONE
    assert int(sleeve.row[SHORT_PUT]) == NO_ROW
    assert (int(sleeve.policy), int(sleeve.underlying)) == (1, 1)


def adjusted(option: str, shares: int, cash_u: int = 0) -> Adjusted:
    """What a corporate action made of the put."""
    return Adjusted(
        **SEAT, slot=SHORT_PUT, was=PUT, option=option, shares=shares, cash_u=cash_u, why="x"
    )


@pytest.mark.parametrize(
    ("option", "shares", "cash_u", "said"),
    [
        (PUT.replace("SPX10 ", "SPX101"), 12, 0, "delivers 12 shares and cash"),
        (PUT.replace("SPX10 ", "SPX101"), 100, 0, "delivers something else"),
        (PUT, 100, 50 * MICRO, "delivers 100 shares and cash"),
    ],
)
def test_t59_t60_a_leg_that_was_adjusted_is_not_taken_for_a_standard_one(
    option: str, shares: int, cash_u: int, said: str
) -> None:
    book = book_of(RUNG, filled(-3, 600), adjusted(option, shares, cash_u))
    assert not book.strays
    with pytest.raises(InputError, match=f"{said}; expected 100 shares of SPX/10"):
        take_seats(book, seats(WHEEL, WHEEL), NAMES)


def test_t58_a_strike_that_a_special_dividend_lowered_is_as_good_as_another() -> None:
    lower = PUT[:-8] + f"{int(PUT[-8:]) - 1_240:08d}"
    state = seats(WHEEL, WHEEL)
    take_seats(book_of(RUNG, filled(-3, 600), adjusted(lower, 100)), state, NAMES)
    assert int(state.sleeves[0].contract[SHORT_PUT]) == parse_osi(lower, ("SPX10",)).key(2)


def test_the_second_rung_of_a_ladder_sits_on_the_second_seat() -> None:
    state = seats(WHEEL, WHEEL, WHEEL)
    book = book_of(RUNG, replace(filled(-1, 100), sleeve=9, campaign=1))
    take_seats(book, state, NAMES)
    assert [int(each.quantity[SHORT_PUT]) for each in state.sleeves] == [0, -1, 0]


def test_money_and_exposure_are_those_of_the_last_evening() -> None:
    state = seats(WHEEL)
    take_seats(held(), state, NAMES)
    account = state.accounts[0]
    assert (int(account.equity_u), int(account.peak_u)) == (5 * MICRO, 6 * MICRO)
    assert (int(account.reserved_u), int(account.puts_u), int(account.margin_u)) == (11, 7, 13)
    assert state.exposure_u.tolist() == [[0, 17]]


@pytest.mark.parametrize(("halt", "verdict"), [(0.21, reason.HALT), (0.22, APPROVED)])
def test_t72_a_drawdown_halt_outlives_a_restart(tmp_path: Path, halt: float, verdict: int) -> None:
    """79,000 are left of 100,000: the peak stands in the journal, and no new process forgets it."""
    calm = {"SPX/10": Quoted(100 * MICRO)}
    events = [
        Deposited(**COMMON, amount_u=79_000 * MICRO),
        RUNG,
        marked(
            79_000 * MICRO, peak_u=100_000 * MICRO, underlyings=calm, regimes={"hash": (0, 0, 0)}
        ),
    ]
    with Journal.create(tmp_path / "journal.db") as journal:
        journal.append(events, received=0)
    state, found = seats(WHEEL), rows(Decision, 1)
    take_seats(fold(one for _, one in read_journal(tmp_path / "journal.db")), state, NAMES)
    quoted = market([put(95, 1.3, 1.4, underlying=1)], closes=[[100, 100]], terms=[{}, {}])
    rules = policies({}, {}), owns(2, 2), limits(drawdown_halt=halt)
    assert step(state, quoted, 0, *rules, found) == 1
    assert int(found[0].verdict) == verdict


def test_a_regime_comes_along_and_stays_unknown_where_the_book_has_no_sleeve() -> None:
    state = seats(At(0, 0), WHEEL)
    take_seats(held(), state, NAMES)
    kept = state.regimes[1, 1]
    assert (int(kept.column), int(kept.now), int(kept.pending)) == (1, 2, 1)
    assert int(state.regimes[0, 0].column) == UNKNOWN


def test_a_flat_sleeve_needs_no_seat() -> None:
    state = seats(At(0, 0))
    take_seats(book_of(), state, NAMES)
    assert int(state.sleeves[0].legs) == 0


def test_what_is_held_needs_a_seat() -> None:
    with pytest.raises(InputError, match=r"found sleeve 7 .* in SPX/10 under wheel"):
        take_seats(held(), seats(At(0, 0)), NAMES)


def test_an_account_needs_to_be_in_the_book() -> None:
    with pytest.raises(InputError, match="found accounts main; expected ira"):
        take_seats(book_of(), seats(), NAMES._replace(accounts=("ira",)))


def test_sleeves_are_named_by_policy_and_underlying_and_then_by_rung() -> None:
    ko = SleeveOpened(**SEAT, name="wheel", underlying="KO", root="KO", multiplier=100)
    assert sleeve_names([OPENED, ko, RUNG]) == ("wheel:SPX/10", "wheel:KO", "wheel:SPX/10:2")


def test_seats_are_taken_by_number() -> None:
    state = empty_seats([(0, 1, 0), (0, 0, 1)], 1, 2, 2)
    found = [(one.account, one.underlying, one.policy, one.lost) for one in state.sleeves]
    assert found == [(0, 1, 0, NEVER), (0, 0, 1, NEVER)]


def test_a_loss_is_counted_back_in_sessions_from_today() -> None:
    """Lost on Friday 5, today Tuesday 9: Monday and today are two sessions."""
    state = empty_seats([(0, 0, 0), (0, 0, 0)], 1, 1, 1)
    state.sleeves[0].lost = 5
    count_back(state, np.array([4, 5, 8, 9, 10], np.int32), 9)
    assert [int(one.lost) for one in state.sleeves] == [-2, NEVER]
