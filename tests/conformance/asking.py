"""What the numbered suite asks of any broker, in short."""

from conformance.stage import Stage
from desk.world import day, osi, ticket
from underwriter.book.imports.statement import Kind, Row
from underwriter.core.units import MICRO
from underwriter.desk.ports import Told

PUT, LOWER = osi(60.0), osi(55.0)
CALL = osi(65.0, right=1)
NEXT = osi(60.0, expiry=11)
INDEX = osi(500.0, root="XSP")


def told(stage: Stage, since: int = 0) -> list[Told]:
    """What is told but for the deposit."""
    return [each for each in stage.broker.events(day(since)) if each.row.kind != Kind.DEPOSIT]


def rows(stage: Stage, kind: Kind) -> list[Row]:
    """The facts of one kind."""
    return [each.row for each in told(stage) if each.row.kind == kind]


def state(stage: Stage, client: str) -> tuple[str, int]:
    """How an order stands: its state, and the units that are filled."""
    found = stage.broker.look_up(client)
    assert found is not None
    return found.state, found.filled


def sell(stage: Stage, client: str = "a", quantity: int = 1, limit: float = 1.30) -> None:
    """Sell puts to open."""
    stage.broker.submit(ticket(client, (PUT, -quantity, "open"), limit=limit))


def holdings(stage: Stage) -> dict[str, float]:
    """What the statement says is held, in contracts and shares."""
    return {key: one / MICRO for key, one in (stage.broker.statement().holdings or {}).items()}


def cash(stage: Stage) -> float:
    """What the statement says of cash."""
    return (stage.broker.statement().cash_u or {})["USD"] / MICRO


def charged_u(stage: Stage, number: int) -> int:
    """What a day's trades cost, in their rows or in rows of their own."""
    mine = [each.row for each in told(stage) if each.row.day == day(number)]
    by_itself_u = -sum(row.net_u for row in mine if row.kind == Kind.FEE)
    return by_itself_u + sum(row.fee_u + row.commission_u for row in mine)


def unfilled(stage: Stage, units: int = 0) -> tuple[str, int]:
    """How an order stands that is not filled, but for so many units: it rests, where it can."""
    return ("acknowledged" if stage.broker.capabilities.rests else "cancelled"), units
