"""What `underwriter analyse` says in a terminal: plain lines, no colour, 24 to 100 columns."""

from collections.abc import Iterator
from textwrap import wrap

from underwriter.app.analyse import Analysed, GreeksFound, HeldFound, LegFound
from underwriter.core.units import to_u
from underwriter.report import say
from underwriter.report.payoff import NARROW, WIDE, Picture, letters

_LABEL = 16  # columns of what a line is about
_BROAD = 52  # columns from which labels stand beside, not above
_CELL = 9
_HEAD = 7
_PICTURE_LINES = 12  # where the terminal has them; it keeps some lines for the prompt
_KEPT = 12


def page(found: Analysed, picture: Picture, columns: int, lines: int) -> str:
    """The answer, in lines of at most `columns` (24 at least)."""
    room = max(NARROW, min(columns, WIDE))
    parts = [
        _title(found, room),
        _figures(found, room),
        _scenarios(found, room),
        _payoff(picture, room, lines),
        _assumptions(found, room),
    ]
    text = "\n\n".join("\n".join(line.rstrip() for line in part) for part in parts)
    return say.plain(text + "\n")


def dollars(amount: float, digits: int | None = None) -> str:
    """Money, with cents below a thousand."""
    cents = 2 if abs(amount) < 1_000 else 0  # noqa: PLR2004  a thousand
    return say.money(to_u(amount), cents if digits is None else digits)


def _flow(text: str, room: int, indent: str = "  ") -> list[str]:
    return wrap(text, room, subsequent_indent=indent, break_on_hyphens=False)


def _title(found: Analysed, room: int) -> list[str]:
    head = f"{found.underlying} at {found.spot:,.2f} on {found.as_of}"
    lines = _flow(head, room)
    if found.held is not None:
        lines = [*_flow(_holder(found.held), room), *lines]
    if found.shares:
        lines += _flow(f"  {_shares(found)}", room, "    ")
    for said in _legs(found):
        lines += _flow(f"  {said}", room, "    ")
    return lines


def _holder(held: HeldFound) -> str:
    """Which sleeve it is, and whether its quotes were real."""
    quotes = "" if held.quotes == "quoted" else f", quotes {held.quotes}"
    return f"{held.sleeve} of {held.journal}{quotes}"


def _shares(found: Analysed) -> str:
    """How many, and what each has cost where they are held."""
    cost = None if found.held is None else found.held.share_cost
    return f"{found.shares:,} shares" + ("" if cost is None else f", {cost:,.2f} each so far")


def _legs(found: Analysed) -> Iterator[str]:
    """Each leg, and what it brought in where it is held."""
    opened = [None] * len(found.legs) if found.held is None else found.held.opened
    for leg, before in zip(found.legs, opened, strict=True):
        if before is None:
            yield _leg(leg)
        else:
            brought = "brought in" if before.credit >= 0.0 else "cost"
            yield f"{_leg(leg)}; it {brought} {dollars(abs(before.credit))}"


def _leg(leg: LegFound) -> str:
    """One leg in a line."""
    return (
        f"{leg.quantity:+,} {leg.right} {leg.strike:g} {leg.expiry} ({leg.days} d) "
        f"@{leg.price:,.4g}: volatility {say.percent(leg.volatility)}, delta "
        f"{say.number(leg.delta)}, expires worthless {say.percent(leg.worthless)}"
    )


def _figures(found: Analysed, room: int) -> list[str]:
    said: list[str] = []
    for label, text in _lines(found):
        if room >= _BROAD:
            flowed = _flow(text, room - _LABEL, "")
            heads = [label, *[""] * (len(flowed) - 1)]
            said += [f"{head:<{_LABEL}}{line}" for head, line in zip(heads, flowed, strict=True)]
        else:
            said += _flow(f"{label}: {text}", room)
    return said


def _lines(found: Analysed) -> Iterator[tuple[str, str]]:
    """What each figure is called, and what is said of it."""
    yield "Credit" if found.credit >= 0 else "Debit", dollars(abs(found.credit))
    if found.held is not None:
        yield "So far", f"{dollars(found.held.profit)}, closed at these prices"
    yield "Most gained", _most(found)
    yield "Most lost", _bounded(found.max_loss)
    yield "Breakeven", _breakevens(found)
    if found.probability_of_profit is not None:
        chance = say.percent(found.probability_of_profit)
        yield "Profit odds", f"{chance}, risk-neutral, at the volatility of each breakeven"
    if found.expected_value is not None:
        yield "Expected value", _expected(found, found.expected_value)
    yield "Margin", _margin(found)
    if found.legs:
        yield "Yield", _yield(found)
    yield "Greeks", _greeks(found.greeks)


def _most(found: Analysed) -> str:
    """The largest profit, which may be a loss."""
    loses = found.max_profit is not None and found.max_profit < 0.0
    return _bounded(found.max_profit) + (": it loses whatever comes" if loses else "")


def _bounded(amount: float | None) -> str:
    return "unlimited" if amount is None else dollars(amount)


def _breakevens(found: Analysed) -> str:
    if not found.breakevens:
        return "none"
    return ", ".join(
        f"{spot:,.2f} ({_signed(spot / found.spot - 1.0)})" for spot in found.breakevens
    )


def _signed(share: float) -> str:
    """A percentage with its sign."""
    return ("+" if share > 0 else "") + say.percent(share)


def _expected(found: Analysed, amount: float) -> str:
    assumed = found.assumptions
    told = assumed.real_vol
    vol = "each leg's own volatility" if told is None else f"{say.percent(told)} volatility"
    return (
        f"{dollars(amount)} on {found.horizon}, at {vol} and a drift of "
        f"{say.percent(assumed.drift)}"
    )


def _margin(found: Analysed) -> str:
    tied = found.margin
    cash = tied.cash_secured
    secured = "no cash account may hold it" if cash is None else f"cash {dollars(cash)}"
    return (
        f"{secured}; Reg T {dollars(tied.reg_t_initial)} to open, "
        f"{dollars(tied.reg_t_maintenance)} to keep"
    )


def _yield(found: Analysed) -> str:
    """The credit over what it ties up, in the days until the first expiry and a year."""
    shares = (
        ("on cash secured", found.yields.cash_secured, found.yields.cash_secured_annualised),
        ("on it less the credit", found.yields.net, found.yields.net_annualised),
        ("on the most lost", found.yields.max_loss, found.yields.max_loss_annualised),
    )
    credit = -found.price if found.held is not None else found.credit
    if credit <= 0.0:
        return "none: it costs" if found.held is None else "none: it is worth more than it owes"
    said = [
        f"{say.percent(part, 2)} {name} ({say.percent(year)} a year)"
        for name, part, year in shares
        if part is not None and year is not None
    ]
    if found.shares and found.yields.most is not None:
        said.append(f"{say.percent(found.yields.most, 2)} if the most is gained")
    days = f"in {found.yields.days} days" + ("" if found.held is None else ", entered anew")
    return f"{'; '.join(said)}, {days}" if said else "none: losses unlimited"


def _greeks(greeks: GreeksFound) -> str:
    return (
        f"delta {say.number(greeks.delta, 1)} shares, gamma {say.number(greeks.gamma)}, "
        f"theta {dollars(greeks.theta)} a day, vega {dollars(greeks.vega)} a point, "
        f"rho {dollars(greeks.rho)} a percent"
    )


def _scenarios(found: Analysed, room: int) -> list[str]:
    """Profit now by move of the spot and factor on volatility, as many columns as fit."""
    factors = list(dict.fromkeys(each.vol_factor for each in found.scenarios))
    moves = list(dict.fromkeys(each.spot_move for each in found.scenarios))
    cells = {(each.spot_move, each.vol_factor): each.profit for each in found.scenarios}
    fit = max(1, (room - _HEAD) // _CELL)
    lines = _flow("Profit now, had the spot moved and every volatility been multiplied", room)
    for first in range(0, len(factors), fit):
        some = factors[first : first + fit]
        lines.append(
            f"{'spot':<{_HEAD}}" + "".join(f"{f'vol x{each:g}':>{_CELL}}" for each in some)
        )
        for move in moves:
            row = (_cell(cells[move, factor]) for factor in some)
            lines.append(f"{_signed_whole(move):<{_HEAD}}" + "".join(row))
    return lines


def _signed_whole(share: float) -> str:
    """A whole percentage with its sign."""
    return say.plain(("+" if share > 0 else "") + say.percent(share, 0))


def _cell(amount: float) -> str:
    """Dollars in a narrow cell."""
    said = say.plain(say.money(to_u(amount))).replace("$", "")
    if len(said) >= _CELL:
        said = say.plain(say.short(amount)).replace("$", "")
    return f"{said:>{_CELL}}"


def _payoff(picture: Picture, room: int, lines: int) -> list[str]:
    height = min(_PICTURE_LINES, lines - _KEPT)
    head = _flow(f"{picture.title} (^ spot now, o breakeven)", room)
    return [*head, *letters(picture, room, height)]


def _assumptions(found: Analysed, room: int) -> list[str]:
    assumed = found.assumptions
    paid = "".join(f", {day} pays {amount:g}" for day, amount in assumed.dividends)
    text = (
        f"Assumed: {assumed.style} exercise, {assumed.settlement} settlement, rate "
        f"{say.percent(assumed.rate)}, dividend yield {say.percent(assumed.dividend_yield)}{paid}, "
        f"naked margin {say.percent(assumed.margin_rate, 0)}, no fees"
        f"{'' if found.held is None else ' to come'}"
        f"{'' if found.horizon is None else f', held to {found.horizon}'}."
    )
    living = any(leg.expiry != found.horizon for leg in found.legs)
    later = " Legs that live on are priced by the model then, at their own volatility."
    text += later if living else ""
    return _flow(text + ("" if found.held is None else _implied(found.held)), room)


def _implied(held: HeldFound) -> str:
    """How held legs came to prices and volatilities."""
    if not held.opened:
        return ""
    told = ", ".join(
        how if day is None else f"{how} of {day}"
        for how, day in dict.fromkeys((each.volatility_from, each.filled) for each in held.opened)
    )
    met = f"so that the options of account {held.account} are worth their evening mark"
    if abs(held.missed) >= 1.0:
        met = (
            f"at no factor are the options of account {held.account} worth their evening mark, "
            f"and the model is {dollars(held.missed)} off"
        )
    return (
        f" Prices and volatilities are implied (from {told}; times {held.vol_factor:.3f}: {met})."
    )
