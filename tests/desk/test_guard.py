"""Guards hold back what adds risk, and never what lowers it."""

import pytest
from msgspec.structs import replace

from desk.world import day, osi
from underwriter.book.event import Approved, Leg, SleeveOpened
from underwriter.core.units import to_u
from underwriter.desk.guard import (
    Approve,
    Guards,
    Seen,
    barred,
    lowers_risk,
    sane,
    tripped,
    why_barred,
)
from underwriter.desk.intent import Intent, intent_of
from underwriter.desk.ladder import Net, net_of
from underwriter.desk.ports import Touch

PUT, LOWER, NEXT = osi(60.0), osi(55.0), osi(60.0, expiry=11)
WHOSE = {"at": 0, "session": day(0), "account": "main", "sleeve": 0, "campaign": 1, "policy": "p"}
OPENED = SleeveOpened(**WHOSE, name="wheel", underlying="KO", root="KO", multiplier=100)
WELL = Seen(False, 0, to_u(100.0), to_u(100.0), to_u(100.0), {})
STRICT = Guards(daily_loss=0.05, drawdown=0.20, orders=10)


def intent(action: str, *legs: tuple[str, int], shares: int = 0, **held: int) -> Intent:
    """An intent, its sleeve holding some puts: `put` at 60, `lower` at 55."""
    names = {"put": PUT, "lower": LOWER}
    several = len(legs) > 1 or (bool(legs) and shares != 0)
    event = Approved(
        **WHOSE, action=action, option=legs[0][0] if legs else None,
        quantity=abs(legs[0][1]) if legs else abs(shares), why="entry",
        legs=tuple(Leg(*leg) for leg in legs) if several else (), shares=shares if legs else 0,
    )  # fmt: skip
    return intent_of(1, event, OPENED, {names[name]: one for name, one in held.items()})


@pytest.mark.parametrize(
    ("one", "shares", "lowers"),
    [
        (intent("open", (PUT, -1)), 0, False),
        (intent("close", (PUT, 1), put=-1), 0, True),
        (intent("close", (PUT, 1), (LOWER, -1), put=-1, lower=1), 0, True),
        (intent("roll", (PUT, 1), (NEXT, -1), put=-1), 0, False),
        (intent("exercise", (LOWER, -1), lower=1), 100, True),
        (intent("sell_shares", shares=-100), 100, True),
        (intent("sell_shares", shares=-100), 0, False),
        (intent("buy_shares", shares=100), -100, True),
        (intent("buy_shares", shares=100), 0, False),
    ],
)
def test_what_lowers_risk(one: Intent, shares: int, lowers: bool) -> None:  # noqa: FBT001
    assert lowers_risk(one, shares) == lowers


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (WELL, ""),
        (WELL._replace(killed=True), "kill switch"),
        (WELL._replace(breaks=2), "2 breaks"),
        (WELL._replace(setting="halted", why="a storm"), "the desk is halted: a storm"),
        (WELL._replace(setting="paused", why="a holiday"), ""),
    ],
)
def test_t72_every_guard_says_why(seen: Seen, why: str) -> None:
    assert why_barred(seen).find(why) >= 0
    assert bool(why_barred(seen)) == bool(why)


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (WELL, ""),
        (WELL._replace(equity_u=to_u(95.0)), "equity is 5.00 under the last evening's 100.00"),
        (WELL._replace(equity_u=to_u(95.01)), ""),
        (
            WELL._replace(evening_u=to_u(80.0), equity_u=to_u(80.0)),
            "equity is 20.00 under its peak of 100.00",
        ),
        (WELL._replace(evening_u=0, peak_u=0, equity_u=0), ""),
    ],
)
def test_t72_a_loss_trips_the_halt(seen: Seen, why: str) -> None:
    assert tripped(STRICT, seen) == why


def test_so_many_orders_bar_the_next_one_and_leave_what_works() -> None:
    opening, rolling = intent("open", (PUT, -1)), intent("roll", (PUT, 1), (NEXT, -1), put=-1)
    closing = intent("close", (PUT, 1), put=-1)._replace(sequence=3)
    every = [opening, rolling._replace(sequence=2), closing]
    why = "10 orders were sent in this session"
    assert barred(every, {}, STRICT, WELL._replace(orders={day(0): 9})) == {}
    assert barred(every, {}, STRICT, WELL._replace(orders={day(0): 10})) == {1: why, 2: why}
    assert barred(every, {}, STRICT, WELL._replace(orders={day(0): 10}), {}, {1}) == {2: why}


def test_orders_are_counted_by_the_session_of_their_intent() -> None:
    """What a hand asks for in the evening is of tomorrow, whose orders are none yet."""
    today = intent("open", (PUT, -1))
    event = replace(today.event, session=day(1))
    tomorrow = today._replace(sequence=2, event=event)
    seen = WELL._replace(orders={day(0): 10, day(1): 0})
    assert [*barred([today, tomorrow], {}, STRICT, seen)] == [1]
    seen = WELL._replace(orders={day(0): 9, day(1): 10})
    assert [*barred([today, tomorrow], {}, STRICT, seen)] == [2]


def test_a_pause_bars_what_opens_and_nothing_else() -> None:
    paused = WELL._replace(setting="paused", why="a holiday")
    opening, rolling = intent("open", (PUT, -1)), intent("roll", (PUT, 1), (NEXT, -1), put=-1)
    rolling = rolling._replace(sequence=2)
    found = barred([opening, rolling], {}, Guards(), paused)
    assert found == {1: "the desk is paused: a holiday"}


@pytest.mark.parametrize(
    ("approve", "waiting"), [("never", []), ("entries", [1]), ("always", [1, 2])]
)
def test_what_waits_for_a_hand(approve: Approve, waiting: list[int]) -> None:
    opening = intent("open", (PUT, -1))
    rolling = intent("roll", (PUT, 1), (NEXT, -1), put=-1)._replace(sequence=2)
    closing = intent("close", (PUT, 1), put=-1)._replace(sequence=3)
    every, guards = [opening, rolling, closing], Guards(approve=approve)
    found = barred(every, {}, guards, WELL)
    assert [*found] == waiting
    assert all(why.startswith("waits for approval by hand") for why in found.values())
    assert barred(every, {}, guards, WELL, {1: True, 2: True}) == {}


def test_a_no_by_hand_holds_back_what_lowers_risk_too() -> None:
    closing = intent("close", (PUT, 1), put=-1)
    assert barred([closing], {}, Guards(), WELL, {1: False}) == {1: "refused by hand"}


def test_t69_what_lowers_risk_is_never_held_back() -> None:
    worst = Seen(True, 9, 0, to_u(100.0), to_u(100.0), {day(0): 99})
    opening, closing = intent("open", (PUT, -1)), intent("close", (PUT, 1), put=-1)
    closing = closing._replace(sequence=2)
    assert [*barred([opening, closing], {}, STRICT, worst)] == [1]


def quote(*legs: tuple[int, float, float], shares: tuple[int, float, float] | None = None) -> Net:
    """The net quote of options, and of shares beside them: a signed part, bid and ask each."""
    named = {osi(50.0 + at): leg for at, leg in enumerate(legs)} | (
        {"KO": shares} if shares else {}
    )
    touches = {key: Touch(to_u(bid), to_u(ask), 0) for key, (_, bid, ask) in named.items()}
    net = net_of({key: part for key, (part, _, _) in named.items()}, touches)
    assert net is not None
    return net


def test_t31_a_quote_is_sane_within_its_width_and_near_our_mark() -> None:
    net = quote((-1, 0.95, 1.05))  # a spread of a tenth of the middle
    assert sane(net, None, Guards(widest=0.10))
    assert not sane(net, None, Guards(widest=0.09))
    assert sane(net, 1_100_000, Guards(band=0.10))
    assert not sane(net, 1_200_000, Guards(band=0.10))
    assert sane(net, None, Guards(band=0.10))


VERTICAL = quote((-1, 2.00, 2.10), (1, 1.50, 1.60))  # each leg is a dime wide, 0.50 together
ROLL = quote((1, 3.00, 3.10), (-1, 3.02, 3.12))  # two cents together


@pytest.mark.parametrize(
    ("net", "width"),
    [
        (quote((-1, 0.95, 1.05)), 0.10 / 1.00),
        (quote((1, 0.95, 1.05)), 0.10 / 1.00),
        (VERTICAL, 0.20 / 3.60),
        (ROLL, 0.20 / 6.12),
        (quote((-2, 2.00, 2.10), (4, 0.50, 0.60)), (0.20 + 0.40) / (4.10 + 2.20)),
        (quote((-1, 1.40, 1.50), (1, 0.05, 0.15)), 0.20 / 1.55),  # a wing of a dime, a dime wide
        (quote((-1, 0.20, 1.20), shares=(1, 59.99, 60.01)), 1.00 / 0.70),  # the call's, not 1.02/60
        (quote((-1, 0.90, 0.92), shares=(1, 50.0, 70.0)), 20.0 / 60.0),  # or that of the shares
        (quote((1, 0.0, 0.05)), 2.0),  # without a bid: the most there is
    ],
)
def test_t31_a_width_is_of_what_is_quoted_and_not_of_a_difference(net: Net, width: float) -> None:
    assert net.width == pytest.approx(width)
    assert sane(net, None, Guards(widest=width * 1.001))
    assert not sane(net, None, Guards(widest=width * 0.999))
    assert sane(net, None, Guards())


def test_t31_a_spread_and_a_roll_of_well_quoted_legs_go_out_and_of_a_wide_one_do_not() -> None:
    guards = Guards(widest=0.10)
    assert sane(VERTICAL, None, guards)
    assert sane(ROLL, None, guards)
    assert not sane(quote((-1, 1.50, 2.60), (1, 1.50, 1.60)), None, guards)
    assert not sane(quote((1, 3.00, 3.10), (-1, 2.50, 3.64)), None, guards)


@pytest.mark.parametrize(
    ("net", "mark", "sound"),
    [
        (VERTICAL, 0.50, True),
        (VERTICAL, 0.40, True),  # a dime off: as much as one leg is wide
        (VERTICAL, 0.81, True),  # a fifth of 1.55, which is what the bought leg offsets
        (VERTICAL, 0.82, False),
        (ROLL, 0.00, True),
        (ROLL, -0.05, True),
        (ROLL, 0.65, False),
        (quote((-1, 20.00, 21.00), (1, 1.50, 1.60)), 0.50, False),  # a fat finger on one leg
        (quote((-1, 0.20, 0.21), (1, 1.50, 1.60)), 0.50, False),
        (quote((1, 3.00, 3.10), (-1, 30.2, 31.2)), 0.02, False),
        (quote((-1, 1.40, 1.60), (-1, 1.40, 1.60)), 2.55, True),  # nothing offsets: of the mark
        (quote((-1, 1.40, 1.60), (-1, 1.40, 1.60)), 2.45, False),
        (quote((-1, 1.40, 1.60)), 1.25, True),
        (quote((-1, 1.40, 1.60)), 1.24, False),
        (quote((1, 1.40, 1.60)), -1.25, True),
        (quote((1, 1.40, 1.60)), -1.24, False),
    ],
)
def test_a_net_price_may_be_off_by_a_share_of_what_is_in_it(
    net: Net, mark: float, *, sound: bool
) -> None:
    assert sane(net, to_u(mark), Guards(band=0.2)) == sound


def test_a_quote_that_is_ten_times_what_it_was_is_no_measure_of_itself() -> None:
    """However loose the band: what one leg is off by widens nothing."""
    inflated = quote((-1, 20.00, 21.00), (1, 1.50, 1.60))
    assert not sane(inflated, to_u(0.50), Guards(band=5.0))
