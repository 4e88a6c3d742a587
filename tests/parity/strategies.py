"""Random cases: small markets where much goes wrong, and policies that trade in them.

Hypothesis draws the sizes and a seed, and the seed draws the rest: a failure shrinks to a short
market, and `case(Draw(...))` makes it again.
"""

import math
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from parity.dice import Dice, chance, pick, whole
from parity.policies import (
    UNBOUND,
    brought,
    deposits,
    fills,
    keen,
    limits,
    own,
    policy,
    seats,
    strategies,
)
from reference.given import (
    CALL,
    PUT,
    Case,
    Contract,
    Fees,
    Known,
    Quote,
    Session,
    Terms,
)
from reference.plain import black76, normal_cdf

EPOCH = date(1970, 1, 1)
BEGIN = date(2021, 3, 1)
CENT_U = 10_000
DOLLAR_U = 1_000_000
WIDTH = 6  # strikes on either side of the spot
WEEKS = 5  # expirations ahead
AMPLE_U = 50 * DOLLAR_U  # a contract may never cost more in fees, not even split


@dataclass(frozen=True)
class Path:
    """One underlying's prices, before its options."""

    close_u: list[int]
    open_u: list[int]
    dividend_u: list[int]
    iv: list[float]
    step_u: int  # of strikes
    splits: dict[int, int] = field(default_factory=dict)  # by session: n of n:1
    earnings: list[int] = field(default_factory=list)  # sessions
    declared: dict[int, int] = field(default_factory=dict)  # ex-session: sessions known before
    mistaken: set[int] = field(default_factory=set)  # ex-sessions whose dividend is known wrong


# --- the market ---


def trading_days(dice: Dice, count: int) -> list[date]:
    """Weekdays with some holidays, Fridays among them."""
    days, day = [], BEGIN
    while len(days) < count:
        if day.weekday() < 5 and not chance(dice, 0.06):
            days.append(day)
        day += timedelta(days=1)
    return days


def tomorrow(days: list[int], at: int) -> int:
    """The next session's day; after the last one the next weekday."""
    if at + 1 < len(days):
        return days[at + 1]
    return days[at] + (3 if days[at] % 7 == 1 else 1)  # the epoch was a Thursday


def first_of_week(days: list[date]) -> list[bool]:
    """Whether each day is the first of its ISO week."""
    weeks = [day.isocalendar()[:2] for day in days]
    return [at == 0 or weeks[at] != weeks[at - 1] for at in range(len(days))]


def terms(dice: Dice) -> Terms:
    """American or European; physical, or in cash at the open or the close; fine or coarse ticks."""
    kind = whole(dice, 0, 5)
    american, physical, morning = [
        (True, True, False),
        (True, True, False),
        (True, False, False),
        (False, True, False),
        (False, False, False),
        (False, False, True),
    ][kind]
    small_u, large_u = [(10_000, 10_000), (10_000, 50_000), (50_000, 100_000)][whole(dice, 0, 2)]
    return Terms(
        american, physical, morning, 100, small_u, large_u, 3 * DOLLAR_U,
        broad=not physical and chance(dice, 0.6), sector=whole(dice, 0, 2),
    )  # fmt: skip


def path(dice: Dice, sessions: int) -> Path:
    """A random walk with jumps, in cents; dividends and unknown opens here and there."""
    spot = float(dice.uniform(20.0, 150.0))
    step_u = int(pick(dice, 500_000, 1_000_000, 2_500_000))
    drift, noise = dice.normal(0.0, 0.006), dice.uniform(0.005, 0.04)
    level = dice.uniform(0.15, 0.7)
    found = Path([], [], [], [], step_u)
    for _ in range(sessions):
        jump = dice.normal(-0.05, 0.15) if chance(dice, 0.03) else 0.0
        spot = min(max(spot * math.exp(drift + noise * dice.normal() + jump), 5.0), 400.0)
        opened = spot * math.exp(0.4 * noise * dice.normal())
        level = min(max(level * math.exp(0.05 * dice.normal() - 0.5 * jump), 0.08), 1.5)
        close_u = round(spot * 100) * CENT_U
        if chance(dice, 0.1):  # on a strike, or a cent beside it
            close_u = round(close_u / step_u) * step_u + whole(dice, -1, 1) * CENT_U
        found.close_u.append(close_u)
        found.open_u.append(0 if chance(dice, 0.2) else round(opened * 100) * CENT_U)
        pays = chance(dice, 0.05)
        found.dividend_u.append(whole(dice, 1, round(spot * 3)) * CENT_U if pays else 0)
        found.iv.append(level)
    announce(dice, found, sessions)
    return found


def announce(dice: Dice, path: Path, sessions: int) -> None:
    """When dividends become known, some never and some wrong; and a few days of earnings."""
    for at, dividend_u in enumerate(path.dividend_u):
        if dividend_u and not chance(dice, 0.1):
            path.declared[at] = whole(dice, 1, 12)
            if chance(dice, 0.1):
                path.mistaken.add(at)
    path.earnings.extend(whole(dice, 0, sessions + 5) for _ in range(whole(dice, 0, 2)))


def honest(path: Path) -> None:
    """Let every dividend be known, and rightly, on the session before at the latest."""
    path.mistaken.clear()
    for at, dividend_u in enumerate(path.dividend_u):
        if dividend_u:
            path.declared.setdefault(at, 1)


def known(dice: Dice, path: Path, days: list[int], at: int) -> Known:
    """What is known of an underlying on a session."""
    ahead = [ex for ex, before in sorted(path.declared.items()) if ex - before <= at < ex]
    next_ex = next_dividend_u = 0
    if ahead:
        next_ex = days[ahead[0]]
        times = math.prod(n for when, n in path.splits.items() if at < when <= ahead[0])
        next_dividend_u = path.dividend_u[ahead[0]] * times
        if ahead[0] in path.mistaken:
            next_dividend_u = next_dividend_u // 2 // CENT_U * CENT_U
    reports = [when for when in sorted(path.earnings) if at <= when <= at + 15]
    day = days[min(reports[0], len(days) - 1)] if reports else 0
    unknown = [math.nan if chance(dice, 0.04) else 1.0 for _ in range(3)]
    return Known(
        next_ex=next_ex,
        next_dividend_u=next_dividend_u,
        next_earnings=day,
        iv30=path.iv[at] * unknown[0],
        percentile=round(float(dice.random()), 2) * unknown[1],
        realised=path.iv[at] * float(dice.uniform(0.4, 1.4)) * unknown[2],
        cluster=whole(dice, 0, 2) if chance(dice, 0.3) else 1,
        shut=shut(float(dice.random())),
    )


def shut(luck: float) -> tuple[int, ...]:
    """The policies whose screen keeps a name out, of the three there may be: one time in twenty."""
    sets = ((0.02, (0, 1, 2)), (0.03, (0,)), (0.04, (1,)), (0.05, (0, 2)))
    return next((policies for most, policies in sets if luck < most), ())


def split(dice: Dice, path: Path, count: int) -> None:
    """Let a path split at random, now and then twice; all that follows is divided, to the cent."""
    for _ in range(count):
        at, times = whole(dice, 0, len(path.close_u) - 1), int(pick(dice, 2, 3, 7, 10))
        path.splits[at] = times
    for at, times in path.splits.items():
        for prices in (path.close_u, path.open_u, path.dividend_u):
            prices[at:] = [round(price / times / CENT_U) * CENT_U for price in prices[at:]]


def leap(dice: Dice, path: Path, count: int) -> None:
    """Let a path multiply overnight, up to sixfold and down to a sixth; it stays there."""
    for _ in range(count):
        at = whole(dice, 1, len(path.close_u) - 1)
        times = float(pick(dice, 0.16, 0.5, 1.8, 2.5, 3.2, 6.0))
        for prices in (path.close_u, path.open_u):
            prices[at:] = [round(price * times / CENT_U) * CENT_U for price in prices[at:]]


def expirations(day: date) -> list[date]:
    """The Fridays ahead, today's too."""
    first = day + timedelta(days=(4 - day.weekday()) % 7)
    return [first + timedelta(weeks=week) for week in range(WEEKS)]


def spoiled(dice: Dice, bid_u: int, ask_u: int, tick_u: int) -> tuple[int, int]:
    """Some quotes as markets show them at their worst: crossed, one-sided, empty, wide."""
    kind = whole(dice, 0, 100)
    if kind == 0:
        return ask_u + tick_u, max(bid_u, tick_u)
    if kind == 1:
        return 0, ask_u
    if kind == 2:
        return bid_u, 0
    if kind == 3:
        return 0, 0
    if kind == 4:
        return bid_u // 2 // tick_u * tick_u, ask_u + 10 * tick_u
    if kind == 5:  # a stub offer
        return bid_u, 1_000 * ask_u
    return bid_u, ask_u


def quote(dice: Dice, contract: Contract, forward: float, iv: float, years: float) -> Quote:
    """A quote about its fair value; its forward, delta and volatility as columns keep them."""
    strike = contract.strike_u / DOLLAR_U
    fair = black76(contract.right, forward, strike, iv, years, 1.0)
    tick_u = CENT_U if fair < 3.0 else 5 * CENT_U
    half = fair * dice.uniform(0.0, 0.06) + 0.01
    bid_u = math.floor(max(fair - half, 0.0) * DOLLAR_U / tick_u) * tick_u
    ask_u = math.ceil((fair + half) * DOLLAR_U / tick_u) * tick_u
    bid_u, ask_u = spoiled(dice, bid_u, ask_u, tick_u)
    d1 = math.log(forward / strike) / max(iv * math.sqrt(years), 1e-6)
    delta = normal_cdf(d1) - (0.0 if contract.right == CALL else 1.0)
    delta += 0.01 * dice.normal()
    if chance(dice, 0.03):  # no volatility was found
        delta, iv = (math.nan, math.nan) if chance(dice, 0.5) else (delta, 0.0)
    interest = -1 if chance(dice, 0.3) else whole(dice, 0, 300)
    delta4, iv4, forward4 = (float(np.float32(value)) for value in (delta, iv, forward))
    return Quote(contract, bid_u, ask_u, delta4, iv4, forward4, interest)


def grid(spot_u: int, step_u: int, splits: list[int]) -> list[int]:
    """Strikes on either side of the spot; those listed before some splits, divided by them."""
    listed_u = spot_u * math.prod(splits)
    nearest = round(listed_u / step_u)
    apart = max(1, round(listed_u * 0.03 / step_u))
    strikes = [(nearest // apart + k) * apart * step_u for k in range(-WIDTH, WIDTH + 1)]
    for times in splits:
        strikes = [math.floor(strike_u / times / CENT_U + 0.5) * CENT_U for strike_u in strikes]
    return sorted(set(strikes))


def chain(
    dice: Dice, day: date, spot_u: int, base: float, step_u: int, splits: dict[date, int]
) -> dict[int, list[Quote]]:
    """All quotes of one underlying on one day, by right; strikes and expirations go missing.

    `splits` are those so far: what may have been listed before them has strikes divided by them.
    """
    quotes: dict[int, list[Quote]] = {PUT: [], CALL: []}
    for expiry in expirations(day):
        if chance(dice, 0.03):
            continue
        listed = expiry - timedelta(weeks=WEEKS)
        strikes = grid(spot_u, step_u, [n for when, n in sorted(splits.items()) if when > listed])
        number = (expiry - EPOCH).days
        years = (expiry - day).days / 365
        forward = spot_u / DOLLAR_U * (1.0 + 0.002 * dice.normal())
        for right in (PUT, CALL):
            for strike_u in strikes:
                if strike_u > 0 and not chance(dice, 0.05):
                    iv = base * (1.0 + 0.1 * dice.normal())
                    contract = Contract(number, right, strike_u)
                    quotes[right].append(quote(dice, contract, forward, max(iv, 0.02), years))
    return quotes


def fees(dice: Dice) -> Fees:
    """Fees of about today's size, or none."""
    if chance(dice, 0.1):
        return Fees(0, 0, 0, 0, 0)
    sell_u, buy_u = whole(dice, 0, 800_000), whole(dice, 0, 800_000)
    assign_u = int(pick(dice, 0, 1_000_000, 123_456))
    return Fees(sell_u, buy_u, assign_u, whole(dice, 0, 30_000), whole(dice, 0, 30_000))


def market(dice: Dice, paths: list[Path], days: list[date]) -> list[Session]:
    """Every session with its quotes; on some days a chain is missing altogether."""
    charged, sessions = (fees(dice), fees(dice)), []
    missing = float(pick(dice, 0.0, 0.1, 0.4))
    numbers = [(day - EPOCH).days for day in days]
    rate, measure = dice.uniform(0.0, 0.08), dice.uniform(12.0, 35.0)
    for at, (day, first) in enumerate(zip(days, first_of_week(days), strict=True)):
        measure = min(max(measure * math.exp(0.12 * dice.normal()), 9.0), 80.0)
        rate = min(max(rate + 0.002 * dice.normal(), -0.005), 0.2)
        charged = (fees(dice), fees(dice)) if chance(dice, 0.1) else charged
        quotes = {}
        for underlying, one in enumerate(paths):
            if chance(dice, 0.03):
                continue
            passed = {days[split]: times for split, times in one.splits.items() if split <= at}
            rows = chain(dice, day, one.close_u[at], one.iv[at], one.step_u, passed)
            quotes |= {(underlying, right): rows[right] for right in (PUT, CALL)}
        sessions.append(
            Session(
                day=numbers[at],
                tomorrow=tomorrow(numbers, at),
                first_of_week=first,
                rate=rate,
                measure=math.nan if chance(dice, missing) else float(pick(dice, measure, 20.0)),
                slope=math.nan if chance(dice, 0.1) else float(dice.uniform(0.8, 1.2)),
                close_u=[one.close_u[at] for one in paths],
                open_u=[one.open_u[at] for one in paths],
                dividend_u=[one.dividend_u[at] for one in paths],
                split=[one.splits.get(at, 1) for one in paths],
                known=[known(dice, one, numbers, at) for one in paths],
                quotes=quotes,
                fees=charged,
            )
        )
    return sessions


# --- cases ---


class Draw(NamedTuple):
    """What makes a case: small enough to read in a failure and to paste into `case`."""

    seed: int
    sessions: int
    underlyings: int
    accounts: int
    delay: int
    splits: int = 0  # at most, of each underlying
    honest: bool = False  # dividends are known before they go ex, fees are reserved for
    leaps: int = 0  # at most, of each underlying: it multiplies overnight


def case(draw: Draw) -> Case:
    """The case of a draw."""
    dice = np.random.default_rng(draw.seed)
    given = [terms(dice) for _ in range(draw.underlyings)]
    paths = [path(dice, draw.sessions) for _ in range(draw.underlyings)]
    for one in paths:
        split(dice, one, draw.splits)
        leap(dice, one, draw.leaps)
        if draw.honest:
            honest(one)
    policies = [policy(dice, strategy) for strategy in strategies(dice, given)]
    sleeves = seats(dice, given, policies, draw.accounts)
    bound = [limits(dice) for _ in range(draw.accounts)]
    if chance(dice, 0.4):
        policies = [keen(one) for one in policies]
        bound = [replace(one, **UNBOUND) for one in bound]
    if draw.honest:
        bound = [replace(one, fee_reserve_u=AMPLE_U) for one in bound]
    found = Case(
        terms=given,
        sessions=market(dice, paths, trading_days(dice, draw.sessions)),
        policies=policies,
        limits=bound,
        deposits_u=[0] * draw.accounts,
        sleeves=sleeves,
        fills=fills(dice, draw.delay),
        shares=brought(dice, policies, sleeves),
        owns={
            (number, at): own(dice, one.close_u[0])
            for number in range(len(policies))
            for at, one in enumerate(paths)
        },
    )
    return replace(found, deposits_u=deposits(dice, found))


draws = st.builds(
    Draw,
    seed=st.integers(0, 2**32 - 1),
    sessions=st.integers(15, 80),
    underlyings=st.integers(1, 2),
    accounts=st.integers(1, 2),
    delay=st.integers(0, 1),
    splits=st.integers(0, 3),
    leaps=st.just(0),
)


def numbered(number: int) -> Draw:
    """The draws of a fixed series, for what must not depend on luck."""
    sizes = 15 + 7 * number % 66, 1 + number % 2, 1 + number // 2 % 2
    return Draw(number, *sizes, number // 3 % 2, number % 4)
