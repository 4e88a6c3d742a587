"""`init`: a first policy and settings, commented, and what they can do with the money there is.

What is written is what comes along, with other names in it: a policy of its kind, read by the same
code that reads every policy before anything is put on the disk.  Nothing is asked and nothing is
overwritten.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from underwriter.app import scan
from underwriter.app.policy_file import WrittenPolicy, parse_policy
from underwriter.app.request import Request
from underwriter.app.run_folder import RUNS
from underwriter.app.settings import FILE, House, Settings
from underwriter.app.strict import validated
from underwriter.app.toml_text import parse_toml
from underwriter.app.universe import COMES_ALONG
from underwriter.core.errors import InputError
from underwriter.market.gates.ground import listed

Phase = Callable[[str, str], AbstractContextManager[None]]

CASH: Final = 1_000_000.0
LEAST, MOST = 1.0, 1_000_000_000.0
_SYMBOL: Final = re.compile(r"[A-Z0-9][A-Z0-9./^-]{0,11}")


class Kind(NamedTuple):
    """A policy that comes along, as a first one is made of it."""

    shipped: str
    name: str  # of the policy and its file
    said: str  # what it does, for the head of the file
    instead: tuple[tuple[str, str], ...] = ()  # patterns of lines, and what stands there instead


DEMO: Final = Kind(
    "wheel-index", "wheel",
    "The Wheel on the S&P 500's own history, which comes along: to try everything on.",
)  # fmt: skip
SHARES: Final = Kind(
    "wheel-shares", "wheel",
    "The Wheel: sell cash-secured puts, take assignment, sell calls until the shares are called.",
    ((r"least_capital = .*", ""),),
)  # fmt: skip
IN_CASH: Final = Kind(
    "put-spread-index", "put-spread",
    "Put spreads on an index that settles in cash: no shares ever come of them.",
    ((r"width = .*", "long_delta = 0.15             # of the put that is bought below it"),),
)  # fmt: skip

SETTINGS: Final = """\
# Settings of Underwriter: the account, and how modelled orders fill.
# docs/settings.md has every key; what is left out here holds as it stands behind the #.
# Secrets never stand here: they belong in the environment, or in HOME/secrets.env (chmod 600).

[account]
starting_cash = {cash}
# collateral = "cash_secured"     # or "reg_t"
# cash_reserve = 0.01             # share of equity never committed
# drawdown_halt = 0.0             # fall from the peak at which entries stop; 0 is none

[fills]
# half_spread = 0.5               # share of half the quoted spread that a trade pays
# delay = 0                       # sessions between decision and fill

# [notify.channels.phone]         # its URL: UNDERWRITER_NOTIFY_PHONE (docs/notifications.md)
# level = "alarm"                 # or "warning", "fact"
"""


class Reach(msgspec.Struct, frozen=True):
    """What the money reaches on one underlying."""

    underlying: str
    least_equity: float | None  # dollars that admit one contract; null: not known
    enough: bool | None  # whether the cash is; null where that is not known
    day: str | None  # of the quotes that say so
    note: str | None  # why it is not known, or what to do below it


class First(msgspec.Struct, frozen=True):
    """What `init --json` prints."""

    settings: str
    policy: str
    starting_cash: float
    underlyings: list[Reach]
    next: list[str]


class Asked(NamedTuple):
    """What is to be written, and where."""

    folder: Path
    symbols: tuple[str, ...]  # none: the history that comes along
    cash: float


def symbols_of(text: str | None) -> tuple[str, ...]:
    """The symbols of KO,SPY; InputError for what is none, twice, or cannot go together."""
    if text is None:
        return ()
    names = tuple(part.strip().upper() for part in text.split(","))
    for name in names:
        if not _SYMBOL.fullmatch(name):
            raise InputError(f"--symbols: found {name!r}; expected symbols such as KO,SPY")
    if len(set(names)) < len(names):
        raise InputError(f"--symbols: found one twice in {','.join(names)}; expected each once")
    if COMES_ALONG.symbol in names and len(names) > 1:
        raise InputError(
            f"--symbols: found {COMES_ALONG.symbol}, which is modelled, beside others; expected it "
            "alone, or none of it"
        )
    in_cash = [name for name in names if _settles_in_cash(name)]
    if 0 < len(in_cash) < len(names):
        raise InputError(
            f"--symbols: found {', '.join(in_cash)}, which settles in cash, "
            "beside shares; expected one kind: a policy each"
        )
    return names


def _settles_in_cash(name: str) -> bool:
    """Whether options on it bring no shares."""
    return listed(name).settlement != "physical"


def kind_of(symbols: Sequence[str]) -> Kind:
    """What is written for some symbols."""
    if not symbols or tuple(symbols) == (COMES_ALONG.symbol,):
        return DEMO
    return IN_CASH if _settles_in_cash(symbols[0]) else SHARES


def first(asked: Asked, home: Path, phase: Phase) -> First:
    """Write both files, and say what the cash reaches.

    InputError where one is there already, or the folder cannot be written: then neither is written.
    """
    if not LEAST <= asked.cash <= MOST:
        raise InputError(f"--cash: found {asked.cash:g}; expected dollars, from 1 to 1000000000")
    kind = kind_of(asked.symbols)
    paths = asked.folder / FILE, asked.folder / f"{kind.name}.toml"
    texts = SETTINGS.format(cash=_dollars(asked.cash)), policy_text(kind, asked.symbols)
    settings = validated(Settings, parse_toml(paths[0], texts[0]))
    policy = parse_policy(paths[1], texts[1])
    _write(asked.folder, dict(zip(paths, texts, strict=True)))
    house = House(home, settings, paths[0])
    reach = _reach(Request(policy, house, settings, home / RUNS / policy.name), phase)
    return First(
        str(paths[0]), str(paths[1]), asked.cash, reach, list(_next(paths[1], Path.cwd(), reach))
    )


def policy_text(kind: Kind, symbols: Sequence[str]) -> str:
    """A policy that comes along under a name and on symbols of one's own."""
    shipped = f"{kind.shipped}.toml"
    text = (files("underwriter") / "policies" / shipped).read_text(encoding="utf-8")
    body = text[text.index("\nname = ") + 1 :]
    changed = [(r"name = .*", f'name = "{kind.name}"'), *kind.instead]
    if symbols:
        names = ", ".join(f'"{name}"' for name in symbols)
        changed.append((r"universe = .*", f"universe = [{names}]"))
    for pattern, line in changed:
        body = re.sub(rf"(?m)^{pattern}\n", f"{line}\n" if line else "", body, count=1)
    made = f"# Made of the policy {kind.shipped} by underwriter init; every key: docs/policy.md."
    head = f"# {kind.said}\n{made}\n"
    return f"{head}\n{body}"


def _dollars(cash: float) -> str:
    """A number as TOML and people write it: 60_000."""
    return f"{cash:_.0f}" if cash == int(cash) else f"{cash:_.2f}"


def _write(folder: Path, texts: dict[Path, str]) -> None:
    """Write all files or none; InputError for one that is there already."""
    for path in texts:
        if path.exists() or path.is_symlink():
            raise InputError(f"{path}: found it there already; expected a folder without one")
    made: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            with path.open("x", encoding="utf-8") as file:
                made.append(path)
                file.write(text)
    except OSError as problem:
        for path in made:
            path.unlink(missing_ok=True)
        found = (problem.strerror or str(problem)).lower()
        raise InputError(f"{folder}: {found}; expected a folder that can be written") from problem


def _reach(request: Request, phase: Phase) -> list[Reach]:
    """The least equity of each underlying beside the cash; what no quotes say is said so."""
    names = request.policy.content.universe
    try:
        scanned = scan.run(request, phase)
    except InputError:  # nothing of it has quotes
        return [_reached(name, None, request, "") for name in names]
    found = {one.underlying: one for one in scanned.names}
    return [_reached(name, found[name], request, scanned.day) for name in names]


def _reached(name: str, found: scan.Named | None, request: Request, day: str) -> Reach:
    """What the money reaches on one underlying."""
    if found is None or found.offer is None:
        note = f"no quotes yet: underwriter data collect {name}, or data import of a vendor's files"
        return Reach(name, None, None, None, note)
    least = found.offer.least_equity
    if least is None:
        note = f"nothing to be sold on {day} ({found.offer.verdict})"
        return Reach(name, None, None, day, note)
    enough = request.starting_cash >= least
    return Reach(name, least, enough, day, None if enough else _below(request.policy))


def _below(policy: WrittenPolicy) -> str:
    """What to do where one contract is too much."""
    if policy.content.strategy == "put_spread":
        return (
            "below it: a narrower spread, a smaller index (XSP is a tenth of SPX), or more equity"
        )
    return (
        "below it: a spread on it (underwriter backtest put-spread-index shows one), a smaller "
        "index (XSP, in cash), or a cheaper name"
    )


def _next(policy: Path, here: Path, reach: Iterable[Reach]) -> Iterator[str]:
    """The commands that come next."""
    unquoted = [one.underlying for one in reach if one.note and one.note.startswith("no quotes")]
    if unquoted:
        yield f"underwriter data collect {' '.join(unquoted)}"
    if policy.parent.resolve() != here.resolve():
        yield f"cd {policy.parent}"  # the settings of the current folder are in force
    for command in ("doctor", "plan", "backtest"):
        yield f"underwriter {command} ./{policy.name}"


def text_of(made: First) -> str:
    """The same for people."""
    lines = [f"wrote {made.settings}", f"wrote {made.policy}", ""]
    for one in made.underlyings:
        if one.least_equity is None:
            lines.append(f"{one.underlying}: {one.note}")
            continue
        least = f"one contract takes {one.least_equity:,.0f} dollars of equity ({one.day})"
        verdict = "enough" if one.enough else f"too little; {one.note}"
        lines.append(f"{one.underlying}: {least}; {made.starting_cash:,.0f} is {verdict}")
    return "\n".join([*lines, "", "next:", *(f"  {line}" for line in made.next)])
