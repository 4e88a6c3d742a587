"""Whether the amounts of a row add up: quantity x price x multiplier less its costs is its net."""

from decimal import Decimal

from underwriter.book.imports.place import Place, dollars, micro
from underwriter.core.units import CENT_U

_HALF_CENT_U = CENT_U // 2
_HALF = Decimal("0.5")
_LEAST_DECIMALS = 2  # 5 is 5.00, and may have been 4.996


def slack_u(price: Decimal, quantity: Decimal, multiplier: int, part: Decimal = _HALF) -> int:
    """How far the money may be off its factors as printed, which are rounded.

    A `part` of the last digit of the price, half of that of a broken quantity, and half a cent.
    """
    by_price = part.scaleb(-max(_decimals(price), _LEAST_DECIMALS)) * abs(quantity)
    broken = _decimals(quantity)
    by_quantity = _HALF.scaleb(-broken) * abs(price) if broken else Decimal(0)
    return micro((by_price + by_quantity) * multiplier) + _HALF_CENT_U


def _decimals(number: Decimal) -> int:
    """How many digits a number has behind its point."""
    exponent = number.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def worth_u(price: Decimal, quantity: Decimal, multiplier: int) -> int:
    """The cash that buying this quantity moves: below zero, a sale's above."""
    return -micro(price * quantity * multiplier)


def check_gross(
    place: Place,
    gross_u: int,
    price: Decimal,
    quantity: Decimal,
    multiplier: int,
    part: Decimal = _HALF,
) -> None:
    """Refuse an amount that its quantity and price do not make; `quantity` is signed."""
    expected_u = worth_u(price, quantity, multiplier)
    if abs(gross_u - expected_u) > slack_u(price, quantity, multiplier, part):
        made = f"{abs(quantity):f} x {price:f}" + (f" x {multiplier}" if multiplier > 1 else "")
        raise place.refuse(f"{dollars(expected_u)}, which is {made}", dollars(gross_u))


def check_net(place: Place, net_u: int, parts_u: int) -> None:
    """Refuse a net amount that is more than half a cent off what its parts make."""
    if abs(net_u - parts_u) > _HALF_CENT_U:
        expected = f"{dollars(parts_u)} net of commission and fees"
        raise place.refuse(expected, dollars(net_u))


def check_total(place: Place, said_u: int, rows_u: int) -> None:
    """Refuse a total that the rows above it do not make: one of them was cut or changed."""
    if abs(said_u - rows_u) > CENT_U:
        raise place.refuse(f"{dollars(rows_u)}, which the rows above add up to", dollars(said_u))
