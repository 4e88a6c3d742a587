"""A scan for people: plain lines as wide as the terminal, from forty columns on."""

from collections.abc import Iterator
from textwrap import wrap

import msgspec

from underwriter.app.scan import GateSaid, Named, Offer, Scan
from underwriter.app.scan_features import Features
from underwriter.core.reason import NAMES, TEXTS

NARROW, WIDE = 40, 120
_TABLE = 66  # columns that a row of gates needs
_MARKS = {"passed": " ", "exempt": " ", "failed": "x", "unknown": "?"}
_MILLION, _BILLION = 1e6, 1e9
_UNITS = {
    "price": "$",
    "shares": "a day",
    "turnover": "$ a day",
    "contracts": "a day",
    "history": "years",
    "drawdown": "x index",
    "recovery": "months",
    "dividends": "years",
    "earnings": "days",
    "market_cap": "$",
    "net_debt": "x EBITDA",
}
_FEATURES = {  # how each is said
    "iv30": "IV30 {:.1%}",
    "iv_rank": "rank {:.2f}",
    "iv_percentile": "percentile {:.2f}",
    "realised": "realised {:.1%}",
    "range_based": "by range {:.1%}",
    "skew": "skew {:.2f}",
    "slope": "slope {:.2f}",
    "forecast": "forecast {:.1%}",
    "variance_premium": "variance premium {:.4f}",
}
_CODES = {name: code for code, name in NAMES.items()}


def text_of(found: Scan, width: int) -> str:
    """A scan in lines of at most `width` columns."""
    room = max(NARROW, min(width, WIDE))
    head = (
        f"{found.policy} on {found.day}: {found.admitted} of {len(found.names)} names admitted. "
        f"Gates marked x failed, ? unknown; index {found.index}."
    )
    lines = list(_flow(head, room, ""))
    if all(gate.result == "off" for name in found.names for gate in name.gates):
        said = (
            'The policy has no [screen], so every gate is off; base = "usual" sets the usual ones.'
        )
        lines += _flow(said, room, "")
    for name in found.names:
        lines += ["", *_name(name, room)]
    return "\n".join(lines)


def _name(named: Named, room: int) -> Iterator[str]:
    """One name: verdict, offer, every gate that is on, and what the others would have seen."""
    verdict = "admitted" if named.admitted else f"refused by {', '.join(named.refused_by)}"
    yield from _flow(f"{named.rank}. {named.underlying}  {verdict}", room, "   ")
    if named.note:
        yield from _flow(f"   {named.note}", room, "   ")
    if named.offer is not None:
        yield from _flow(f"   {_offer(named.offer)}", room, "   ")
    if said := _features(named.features):
        yield from _flow(f"   {said}", room, "   ")
    for gate in named.gates:
        if gate.result != "off":
            yield from _gate(gate, room)
    off = [f"{gate.gate} {_said(gate)}" for gate in named.gates if gate.result == "off"]
    known = [text for text in off if not text.endswith("unknown")]
    if known:
        yield from _flow(f"   off: {', '.join(known)}", room, "   ")


def _features(told: Features) -> str:
    """What is known of the name's volatility."""
    figures = msgspec.structs.asdict(told)
    return ", ".join(
        said.format(figures[name]) for name, said in _FEATURES.items() if figures[name] is not None
    )


def _offer(offer: Offer) -> str:
    """What would be sold, or why not, and the equity that one unit needs."""
    why = "" if offer.verdict == "approved" else TEXTS[_CODES[offer.verdict]]
    legs = ", ".join(f"{leg.side} {leg.contract}" for leg in offer.legs)
    shares = f", buy {offer.shares} shares" if offer.shares else ""
    times = f"{offer.quantity} times " if offer.quantity and legs else ""
    sold = f"{times}{legs}{shares} for {offer.credit or 0.0:.2f}" if legs else ""
    reason = f" ({why})" if sold and why else ""
    needs = f"; one needs equity of {offer.least_equity:,.2f}" if offer.least_equity else ""
    return f"{sold or why}{reason}{needs}"


def _gate(gate: GateSaid, room: int) -> Iterator[str]:
    """One gate: a row, or where that is too wide a sentence."""
    mark, value, bound = _MARKS[gate.result], _said(gate), _bound(gate)
    by = "" if gate.by is None or gate.gate == "sector" else _signed(gate.by)
    if room >= _TABLE:
        yield f" {mark} {gate.gate:<14}{value:>18}  {bound:<19}{by:>10}".rstrip()
    else:
        yield from _flow(
            f" {mark} {gate.gate} {value}, {bound}{f': {by}' if by else ''}", room, "   "
        )


def _bound(gate: GateSaid) -> str:
    """The bounds of a gate."""
    if gate.least is not None and gate.most is not None:
        return f"{_figure(gate.least)} to {_figure(gate.most)}"
    if gate.least is not None:
        return "wanted" if gate.gate == "sector" else f"at least {_figure(gate.least)}"
    return f"at most {_figure(gate.most or 0.0)}"


def _said(gate: GateSaid) -> str:
    """A gate's value with its unit."""
    if gate.result == "exempt":
        return "does not apply"
    if gate.value is None:
        return "unknown"
    if gate.gate == "sector":
        return "wanted" if gate.value else "excluded"
    return f"{_figure(gate.value)} {_UNITS.get(gate.gate, '')}".strip()


def _figure(value: float) -> str:
    """A figure in six characters or so."""
    size = abs(value)
    if size >= _BILLION:
        return f"{value / _BILLION:,.1f}bn"
    if size >= _MILLION:
        return f"{value / _MILLION:,.1f}m"
    return f"{value:,.0f}" if size >= 1_000.0 or value == int(value) else f"{value:.2f}"  # noqa: PLR2004


def _signed(value: float) -> str:
    """A figure with its sign."""
    return f"{'+' if value >= 0 else ''}{_figure(value)}"


def _flow(text: str, room: int, indent: str) -> Iterator[str]:
    """Lines of a text; what begins with blanks keeps them."""
    first = text[: len(text) - len(text.lstrip())]
    yield from wrap(
        text.strip(),
        room,
        initial_indent=first,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
