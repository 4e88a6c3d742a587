"""Events of one account in one line each, for tests of what follows from them."""

from datetime import date
from typing import Any

from underwriter.book.event import AnyEvent, Assigned, Expired, Filled, SleeveOpened
from underwriter.core.units import MICRO

DAY = date(2026, 1, 5)
PUT, CALL = "KO    260220P00060000", "KO    260220C00062000"


def common(day: date = DAY, account: str = "main", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """What every event carries."""
    return {"at": 0, "session": day, "account": account} | more


def seat(sleeve: int = 0, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """What every event of a sleeve carries."""
    return {**common(**more), "sleeve": sleeve, "campaign": 1, "policy": "p"}


def opened(sleeve: int = 0, name: str = "KO", **more: Any) -> SleeveOpened:  # noqa: ANN401
    """A sleeve on an underlying whose options have its name."""
    return SleeveOpened(
        **seat(sleeve, **more), name="p", underlying=name, root=name, multiplier=100
    )


def leg(
    kind: type[Any],
    option: str | None,
    quantity: int,
    shares: int,
    money: str,
    **more: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """A change of a leg or of shares; money as "84.34 0.66" (before the fee, the fee)."""
    amount, _, fee = money.partition(" ")
    texts = {"amount_u": amount, "fee_u": fee, "price_u": more.pop("price", "0")}
    figures = {name: round(float(text or 0) * MICRO) for name, text in texts.items()}
    what = {"slot": more.pop("slot", 0), "option": option, "quantity": quantity, "shares": shares}
    own = {name: more.pop(name) for name in ("client", "source", "acquired") if name in more}
    return kind(**seat(**more), **what, **figures, **own)


def sold(quantity: int, money: str, option: str = PUT, **more: Any) -> AnyEvent:  # noqa: ANN401
    """Contracts sold."""
    return leg(Filled, option, -quantity, 0, money, **more)


def bought(quantity: int, money: str, option: str = PUT, **more: Any) -> AnyEvent:  # noqa: ANN401
    """Contracts bought."""
    return leg(Filled, option, quantity, 0, money, **more)


def shares(count: int, money: str, **more: Any) -> AnyEvent:  # noqa: ANN401
    """Shares bought, or sold where fewer than none."""
    return leg(Filled, None, 0, count, money, **more)


def assigned(contracts: int, count: int, money: str, **more: Any) -> AnyEvent:  # noqa: ANN401
    """Contracts that became shares."""
    return leg(Assigned, more.pop("option", PUT), contracts, count, money, **more)


def expired(contracts: int, **more: Any) -> AnyEvent:  # noqa: ANN401
    """Contracts that ended without value."""
    return leg(Expired, more.pop("option", PUT), contracts, 0, "0", **more)
