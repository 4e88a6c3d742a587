"""What `underwriter book stress` says in a terminal: plain lines of 60 to 100 columns."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from underwriter.app.stress import AccountFound, GainFound, PositionFound, Stressed, worst_of
from underwriter.core.units import to_u
from underwriter.report import say

NARROW, WIDE = 60, 100
_NAME = 14  # columns of an episode's name
_CELL = 13
_BAR_SIDES = 24  # columns beside a bar


def page(found: Stressed, columns: int) -> str:
    """The answer, in lines of at most `columns` (60 at least)."""
    room = max(NARROW, min(columns, WIDE))
    parts = [_flow(_head(found), room)]
    for account in found.accounts:
        parts += [part for part in _account(found, account, room) if part]
    parts.append(_flow(_assumed(found), room))
    text = "\n\n".join("\n".join(line.rstrip() for line in part) for part in parts)
    return say.plain(text + "\n")


def _flow(text: str, room: int, indent: str = "  ") -> list[str]:
    return wrap(text, room, subsequent_indent=indent, break_on_hyphens=False)


def _head(found: Stressed) -> str:
    modelled = "" if found.quotes == "quoted" else f", quotes {found.quotes}"
    return f"{found.journal}, evening of {found.as_of}{modelled}"


def _account(found: Stressed, account: AccountFound, room: int) -> Iterator[list[str]]:
    """One account: what it loses, a picture, what is left, by underlying, by position."""
    yield _flow(_title(account), room)
    if not account.positions:
        return
    yield ["Gained by moving", *_gains(found, account)]
    yield ["Spot and volatility together, share of equity", *_bars(account.gains, room)]
    yield [_left_title(account), *_left(account)]
    yield ["By underlying, in its worst episode", *_underlyings(account, room)]
    yield ["Positions, the worst first", *_positions(account, room)]
    yield _flow(_volatilities(account), room)


def _title(account: AccountFound) -> str:
    held = len(account.positions)
    what = "nothing is held" if not held else f"{held} position{'s' if held > 1 else ''}"
    return (
        f"Account {account.account}: equity {_dollars(account.equity)}, cash "
        f"{_dollars(account.cash)}; {what}"
    )


def _dollars(amount: float) -> str:
    return say.money(to_u(amount))


def _row(*cells: str) -> str:
    first, *others = cells
    return f"{first:<{_NAME}}" + "".join(f"{cell:>{_CELL}}" for cell in others)


def _gains(found: Stressed, account: AccountFound) -> list[str]:
    """Dollars by episode: spot alone, volatility alone, together."""
    lines = [f"{'':<{_NAME}}{'spot':>7}{'vol':>7}" + _heads("spot alone", "vol alone", "together")]
    lines[0] += f"{'of equity':>11}"
    for episode, gain in zip(found.episodes, account.gains, strict=True):
        moved = f"{say.percent(episode.spot_move):>7}{f'x{episode.vol_factor:.2f}':>7}"
        cells = (gain.spot_alone, gain.vol_alone, gain.together)
        told = "".join(f"{_dollars(each):>{_CELL}}" for each in cells)
        lines.append(f"{episode.name:<{_NAME}}{moved}{told}{_share(gain.together_share):>11}")
    return lines


def _heads(*names: str) -> str:
    return "".join(f"{name:>{_CELL}}" for name in names)


def _share(share: float | None) -> str:
    return say.UNDEFINED if share is None else say.percent(share)


def _bars(gains: Sequence[GainFound], room: int) -> list[str]:
    """A bar an episode: # where it loses, + where it gains; the longest fills the line."""
    longest = max(abs(each.together) for each in gains) or 1.0
    widest = room - _BAR_SIDES
    lines = []
    for each in gains:
        mark = "#" if each.together < 0.0 else "+"
        bar = mark * max(round(abs(each.together) / longest * widest), int(each.together != 0.0))
        lines.append(f"{each.episode:<{_NAME}}{bar} {_share(each.together_share)}")
    return lines


def _left_title(account: AccountFound) -> str:
    if account.collateral == "reg_t":
        return "What the worst of the three leaves, against Reg T maintenance"
    return "What the worst of the three leaves, against what everything may need"


def _left(account: AccountFound) -> list[str]:
    lines = [_row("", "equity", "required", "free", "called")]
    lines += [
        _row(
            each.episode or "now",
            _dollars(each.equity),
            _dollars(each.required),
            _dollars(each.free),
            "YES" if each.called else "no",
        )
        for each in account.left
    ]
    return lines


def _underlyings(account: AccountFound, room: int) -> list[str]:
    lines = []
    for each in account.underlyings:
        worst = min(each.gains, key=worst_of)
        lines += _flow(f"{each.underlying} at {each.spot:,.2f}: {_worst(worst)}", room)
    return lines


def _worst(gain: GainFound) -> str:
    """What an episode makes of something."""
    return (
        f"{_dollars(gain.together)} ({_share(gain.together_share)}) in {gain.episode}; "
        f"spot alone {_dollars(gain.spot_alone)}, vol alone {_dollars(gain.vol_alone)}"
    )


def _positions(account: AccountFound, room: int) -> list[str]:
    lines = []
    for each in account.positions:
        worst = next(gain for gain in each.gains if gain.episode == each.worst)
        lines += _flow(f"{each.sleeve}: {_worst(worst)}", room)
        for text in _held(each):
            lines += _flow(f"  {text}", room, "    ")
    return lines


def _held(position: PositionFound) -> Iterator[str]:
    """What a position holds."""
    if position.shares:
        yield f"{position.shares:,} shares"
    for leg in position.legs:
        filled = "" if leg.filled is None else f" of {leg.filled}"
        yield (
            f"{leg.quantity:+,} {leg.right} {leg.strike:g} {leg.expiry} @{leg.price:,.2f}: "
            f"volatility {say.percent(leg.volatility)} (from {leg.volatility_from}{filled})"
        )


def _volatilities(account: AccountFound) -> str:
    """How the legs came to their volatilities."""
    marked = _dollars(account.options_marked)
    missed = account.options_modelled - account.options_marked
    if not any(each.legs for each in account.positions):
        return "Shares alone: no volatility is needed."
    text = (
        "Implied: the journal keeps no volatility of a leg. Each is that of the leg's last fill at "
        f"that day's close, all of them times {account.vol_factor:.3f}, at which the options are "
        f"worth what the evening's mark says, {marked}"
    )
    if abs(missed) >= 1.0:
        return f"{text}; none is, and the model is {_dollars(missed)} off."
    return text + "."


def _assumed(found: Stressed) -> str:
    return (
        "Assumed: every underlying moves as the index did; volatilities rise by the index's rise "
        "times sqrt(30 / days), at most twice; exercise as is usual for the option root; rate "
        f"{say.percent(found.rate)}, dividends as in the year before. No time passes, nothing is "
        "closed, no stop is hit on the way."
    )
