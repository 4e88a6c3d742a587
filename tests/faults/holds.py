"""What must hold of every seed, each a function with its sentence; `WrongError` says what did not.

Some are watched as things happen (a write of the journal, an order at the exchange, a process that
lived), the others are asked at the end.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from desk.world import SECOND
from faults.covered import no_sale_of_shares_uncovers_a_call
from faults.obeyed import AT_THE_END as OBEYED_AT_THE_END
from faults.obeyed import ON_ALIVE as OBEYED_ON_ALIVE
from faults.obeyed import ON_WRITE as OBEYED_ON_WRITE
from faults.obeyed import adds_risk, require
from faults.scene import Scene
from faults.whose import approvals, key_of, refusals
from markets import START
from underwriter.book.event import (
    AnyEvent,
    Approved,
    Assigned,
    Busted,
    CashAdjusted,
    Charged,
    Deposited,
    DividendReceived,
    Filled,
    InterestPaid,
    LegEvent,
    Marked,
    OrderIntended,
    OrderTold,
    Switched,
)
from underwriter.book.fold import fold
from underwriter.book.imports.reconcile import reconciled
from underwriter.book.journal import Journal
from underwriter.book.orders import ENDS
from underwriter.book.verify import verify
from underwriter.core.contract import CALL, parse_osi, unpack
from underwriter.core.sleeve import ROLL_LONG, ROLL_SHORT
from underwriter.core.units import MICRO, day_number, day_of
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import Ticket
from underwriter.market.slab import Slab

STALE = 60 * SECOND


def _wanted(event: Approved | OrderIntended) -> dict[str, int]:
    """Quantities by option, shares under "", without signs."""
    found = {leg.option: abs(leg.quantity) for leg in event.legs}
    if isinstance(event, OrderIntended):
        return found | ({"": abs(event.shares)} if event.shares else {})
    if not found:
        found = {event.option or "": event.quantity}
    return found | ({"": abs(event.shares)} if event.shares else {})


# --- as it happens ---


def no_order_is_doubled(scene: Scene, ticket: Ticket) -> None:
    """At most one order of an intent lives at the broker, for no more than is left of it."""
    orders = scene.exchange.account.orders
    written = {one.client: one for one in scene.events if isinstance(one, OrderIntended)}
    require(ticket.client in written, f"order {ticket.client} was never written down")
    mine = key_of(written[ticket.client])
    live = [client for client, one in orders.items()
            if one.state == "acknowledged" and key_of(written[client]) == mine]  # fmt: skip
    require(len(live) <= 1, f"{len(live)} orders live of the intent to {mine[2]} of {mine[0]}")
    whose = scene.approvals[ticket.client]
    require(whose > 0, f"order {ticket.client} is of no approval")
    same = [one for client, one in orders.items() if scene.approvals.get(client) == whose]
    approved = scene.events[whose - 1]
    assert isinstance(approved, Approved)
    asked: Counter[str] = Counter()
    for order in same:
        whole = order.ticket.units
        units = whole if order.state == "acknowledged" else order.filled
        for leg in order.ticket.legs:
            asked[leg.option] += abs(leg.quantity) // whole * units
        if order.ticket.shares:
            asked[""] += abs(order.ticket.shares) // whole * units
    for key, count in asked.items():
        most = _wanted(approved).get(key, 0)
        require(count <= most, f"{count} of {key or 'shares'} are on their way, {most} approved")


def what_works_is_live_in_the_journal(scene: Scene, ticket: Ticket) -> None:
    """No order works at the broker of which the journal says that it has ended."""
    ended = {one.client for one in scene.events if isinstance(one, OrderTold) and one.state in ENDS}
    works = scene.exchange.account.orders[ticket.client].state == "acknowledged"
    require(not (works and ticket.client in ended), f"order {ticket.client} works, told as ended")


def what_may_be_lost_is_secured(scene: Scene, ticket: Ticket) -> None:
    """What is held and on its way to be opened never asks for more cash than there is."""
    account = scene.exchange.account
    if not any(leg.effect == "open" for leg in ticket.legs):
        return
    order = account.orders[ticket.client]
    if order.state not in {"acknowledged", "filled"}:
        return
    held = Counter({key: count for key, count in account.held.items() if len(key) == 21})
    shares = sum(count for key, count in account.held.items() if key == ticket.symbol)
    for one in account.live():
        left = one.ticket.units - one.filled
        shares += one.ticket.shares // one.ticket.units * left
        for leg in one.ticket.legs:
            held[leg.option] += leg.quantity // one.ticket.units * left
    need_u, cash_u = _need_u(held, shares), account.cash_u
    room_u = sum(  # what the orders that open bring
        (one.ticket.units - one.filled) * 100 * max(one.ticket.limit_u or 0, 0)
        for one in account.live()
    )
    require(
        need_u <= cash_u + room_u,
        f"{need_u / 1e6:.0f} dollars may be lost, and {cash_u / 1e6:.0f} are there",
    )


def _need_u(held: Counter[str], shares: int) -> int:
    """The most that expiry may cost, at any price of the underlying."""
    options = [(parse_osi(key, (key[:6].rstrip(),)), count) for key, count in held.items() if count]
    strikes = sorted({int(one.strike * MICRO) for one, _ in options})
    worst = 0
    for spot_u in [0, *strikes, 2 * max(strikes, default=0)]:
        total = max(shares, 0) * spot_u if shares else 0
        for one, count in options:
            inside = (spot_u - int(one.strike * MICRO)) * (1 if one.right == CALL else -1)
            total += max(inside, 0) * 100 * count
        worst = max(worst, -total)
    return worst


def nothing_is_sent_on_bad_quotes(scene: Scene, event: AnyEvent) -> None:
    """An order goes out on two-sided quotes, to add risk on fresh ones (T29, T30)."""
    if not isinstance(event, OrderIntended) or event.action == "exercise":
        return
    signed = {leg.option: leg.quantity for leg in event.legs}
    if event.shares:
        signed[scene.symbol] = event.shares
    for key, quantity in signed.items():
        touch = scene.feed.served.get(key)
        require(touch is not None, f"{key} is ordered, and was not quoted")
        if touch is not None:
            age = event.at - touch.at
            fresh = 0 <= age <= STALE or not adds_risk(scene, event)
            require(fresh, f"{key} is ordered on a quote {age // SECOND} s old")
            good = 0 <= touch.bid_u <= touch.ask_u and touch.ask_u > 0
            require(good and (quantity > 0 or touch.bid_u > 0), f"{key} is ordered on {touch}")


def a_roll_has_room(scene: Scene, event: AnyEvent) -> None:
    """No roll opens a second new leg beside one that has not moved in."""
    if isinstance(event, Approved) and event.action == "roll":
        ledger = scene.ledger()
        row, held = ledger.row(event.sleeve), ledger.held(event.sleeve)
        waits = any(row.quantity[slot] for slot in (ROLL_SHORT, ROLL_LONG))
        new = [leg.option for leg in event.legs if leg.option not in held]
        require(not (waits and new), f"sleeve {event.sleeve} rolls into {new} while one waits")


def guards_hold(scene: Scene, event: AnyEvent) -> None:
    """Nothing that adds risk goes out over the kill switch, a loss, a fall or a count of orders."""
    if not isinstance(event, OrderIntended) or not adds_risk(scene, event):
        return
    require(not scene.beside.kill.exists(), "an order goes out over the kill switch")
    guards = scene.plan.guards
    before = [one for one in scene.events[:-1] if isinstance(one, OrderIntended)]
    count = sum(one.session == event.session for one in before)
    require(count < guards["orders"], f"order {count + 1} of the session goes out")
    evening_u, peak_u = _lost_from_u(scene.events)
    day = day_number(event.session)
    if not evening_u or scene.calendar.day_at(scene.clock.at) != day:
        return
    worth_u = _worth_u(scene, day)
    for name, from_u in (("daily_loss", evening_u), ("drawdown", peak_u)):
        most = guards[name]
        lost = (from_u - worth_u) / from_u if from_u else 0.0
        require(not 0 < most * 1.5 <= lost, f"an entry goes out, {name} at {lost:.3f}")


def _lost_from_u(events: Sequence[AnyEvent]) -> tuple[int, int]:
    """The last evening, and the highest since a halt was lifted last; 0 before the first.

    From what the account was worth as a halt was lifted, where that is later.
    """
    evening_u, peak_u, setting = 0, 0, "on"
    for event in events:
        if isinstance(event, Marked):
            evening_u, peak_u = event.equity_u, max(peak_u, event.equity_u)
        elif isinstance(event, Switched):
            if setting == "halted" and event.to == "on":
                evening_u = peak_u = event.equity_u
            setting = event.to
    return evening_u, peak_u


def _worth_u(scene: Scene, day: int) -> int:
    """What the account was worth on a session before it traded, options at the middle."""
    slab, account = scene.market.slab(day), scene.exchange.account
    held, cash_u = Counter(account.held), account.cash_u
    for row in (one.row for one in account.facts if one.client and one.row.day == day_of(day)):
        cash_u -= row.net_u
        if row.instrument is not None:
            held[row.instrument.key] -= row.quantity_u // MICRO
    quoted = {
        contract_of(int(one.contract), slab): (int(one.bid_u) + int(one.ask_u)) // 2
        for one in slab.market.quotes
    }
    total = cash_u + held[scene.symbol] * int(slab.market.bars[0, 0].close_u)
    options = [(key, count) for key, count in held.items() if len(key) == 21]
    return total + sum(count * 100 * quoted.get(key, 0) for key, count in options)


def contract_of(key: int, slab: Slab) -> str:
    """An option's symbol."""
    return unpack(key, slab.instruments[0].root).osi()


def the_fold_is_the_journals(scene: Scene, ledger: Ledger) -> None:
    """What a process folded as it went is what the journal folds to from the beginning."""
    if len(scene.reports) % 6 == 0:
        require(ledger.book == fold(scene.events), "the book kept is not the journal's")


# --- at the end ---


def no_position_is_unknown(scene: Scene) -> None:
    """In the end the book's positions are the broker's, and nothing strays."""
    book = scene.ledger().book
    breaks = reconciled(book, scene.exchange.statement(), "main")
    said = [f"{one.kind} {one.key}: {one.book_u} and {one.statement_u}" for one in breaks]
    require(not breaks, f"book and broker differ: {said}")
    require(not book.strays, f"strays: {book.strays}")


def cash_and_shares_are_conserved(scene: Scene) -> None:
    """Cash is the sum of what the events say, to the cent and with every fee, and the broker's."""
    account, book = scene.exchange.account, scene.ledger().book
    facts = sum(one.row.net_u for one in account.facts)
    require(facts == account.cash_u, "the exchange lost money")
    ours = book.balance_u("main", "USD")
    require(abs(ours - account.cash_u) < 10_000, f"cash of {ours}, and {account.cash_u} there")
    busted = {one.of for one in scene.events if isinstance(one, Busted)}
    seen: set[str] = set()
    inferred: Counter[Any] = Counter()
    told = 0
    for event in scene.events:
        name = event.id or ""
        if name and (name in seen or name in busted):
            continue
        seen.add(name)
        if isinstance(event, Assigned):
            key = event.sleeve, event.option
            if event.source == "inferred":
                inferred[key] += event.quantity
            elif abs(inferred[key]) >= abs(event.quantity):
                inferred[key] -= event.quantity  # told after it was inferred: it is booked
                continue
        told += _flow_u(event)
    require(told == ours, f"events bring {told}, and the book has {ours}")
    held = {key: count for key, count in account.held.items() if len(key) < 21}
    shares: Counter[str] = Counter()
    for opened, row in zip(book.sleeves, book.state.sleeves, strict=True):
        shares[opened.underlying] += int(row.shares)
    require(+shares == held or shares == Counter(held), f"{shares} shares, and {held} there")


def _flow_u(event: AnyEvent) -> int:
    if isinstance(event, LegEvent):
        return event.amount_u - event.fee_u
    if isinstance(event, Deposited | InterestPaid | Charged | CashAdjusted | DividendReceived):
        return event.amount_u
    return 0


def the_journal_verifies_and_folds(scene: Scene) -> None:
    """Written to a file the journal verifies, and folds to what it folded to."""
    path = scene.folder / "journal.db"
    with Journal.create(path) as journal:
        journal.take(scene.disk.rows(0, len(scene.disk.kept)))
    report = verify(path)
    require(report.ok, f"the journal does not verify: {report.findings}")
    with Journal.open(path) as journal:
        again = fold(event for _, event in journal.read())
    require(again == scene.ledger().book, "the journal folds to another book")


def every_halt_is_explained(scene: Scene) -> None:
    """Every approval is filled or refused with a reason, every order has ended, none lives."""
    refused = refusals(scene.events)
    orders = {one.client: one for one in scene.events if isinstance(one, OrderIntended)}
    ended = {one.client for one in scene.events if isinstance(one, OrderTold)}
    filled: dict[int, Counter[str]] = {}
    for fill in (one for one in scene.events if isinstance(one, Filled) and one.client):
        if fill.client in orders:
            count = abs(fill.quantity or fill.shares)
            whose = filled.setdefault(scene.approvals[fill.client], Counter())
            whose[fill.option or ""] += count
            ended.add(fill.client)
    for sequence, one in approvals(scene.events):
        whole = filled.get(sequence, Counter()) == Counter(_wanted(one))
        done = (
            whole or one.action == "exercise" or bool(sequence in refused and refused[sequence].why)
        )
        require(done, f"{key_of(one)}: nothing says what became of it")
    require(set(orders) <= ended, "an order was written down, and nothing says what became of it")
    live = scene.ledger().folding.orders.live
    require(not live, f"orders live on in the journal: {[*live]}")
    require(not scene.exchange.account.live(), "orders live on at the broker")


def nothing_enters_beside_a_break(scene: Scene) -> None:
    """What is decided while book and broker differ opens nothing."""
    for _, report, _ in scene.reports:
        days = {day_of(duty.session) for duty in report.done if duty.kind == "decide"}
        if report.breaks and days:
            opened = [one for one in scene.events if isinstance(one, Approved)
                      and one.session in days and one.action == "open"]  # fmt: skip
            require(not opened, f"beside {report.breaks[0].key}: {opened[:1]}")


def it_recovers_by_itself(scene: Scene) -> None:
    """Once it is quiet every session is decided and nothing is held back without a guard's why."""
    quiet = scene.calm + 6 * 3_600 * SECOND
    late = [why for at, why in scene.failed if at >= quiet]
    require(not late, f"a process failed when all was quiet: {late}")
    reports = [one for at, one, _ in scene.reports if at >= quiet]
    for number, (at, report, told) in enumerate(scene.reports):
        if at < quiet or not told or number in scene.mending:  # the owner reads it, and mends
            continue
        require(not report.breaks, f"breaks when all was quiet: {report.breaks}")
        require(not report.odd, f"facts fit nothing when all was quiet: {report.odd}")
        require(not report.blind, f"blind when all was quiet: {report.blind}")
        for why in report.held_back.values():
            require(_latched(scene, why), f"held back when all was quiet: {why}")
    decided = {duty.session - START - scene.plan.base for one in reports for duty in one.done
               if duty.kind == "decide"}  # fmt: skip
    wanted = {11, 14, 15} - _closed_late(scene)
    require(decided >= wanted, f"of {wanted} only {decided} were decided")


def _closed_late(scene: Scene) -> set[int]:
    """Sessions in which a hand's orders fill, and are told of when it is too late to decide."""
    first = START + scene.plan.base
    asked = {day_number(one.session) - first for one in scene.events
             if isinstance(one, Approved) and one.why == "hand"}  # fmt: skip
    return asked if scene.plan.late else set()


def _latched(scene: Scene, why: str) -> bool:
    """Whether a guard that the seed has holds back."""
    guards = scene.plan.guards
    return (
        (guards["daily_loss"] > 0 and "evening" in why)
        or (guards["drawdown"] > 0 and "peak" in why)
        or "orders were sent" in why
        or (guards["approve"] != "never" and "waits for approval" in why)
    )


ON_WRITE = (nothing_is_sent_on_bad_quotes, guards_hold, a_roll_has_room, *OBEYED_ON_WRITE)
ON_SENT = (
    no_order_is_doubled,
    what_works_is_live_in_the_journal,
    what_may_be_lost_is_secured,
    no_sale_of_shares_uncovers_a_call,
)
ON_ALIVE = (the_fold_is_the_journals, *OBEYED_ON_ALIVE)
AT_THE_END: tuple[Callable[[Scene], None], ...] = (
    no_position_is_unknown,
    cash_and_shares_are_conserved,
    every_halt_is_explained,
    nothing_enters_beside_a_break,
    it_recovers_by_itself,
    the_journal_verifies_and_folds,
    *OBEYED_AT_THE_END,
)
ALL: Iterable[Callable[..., None]] = (*ON_WRITE, *ON_SENT, *ON_ALIVE, *AT_THE_END)


def watched(scene: Scene) -> Scene:
    """A scene with everything that is watched as it happens."""
    scene.on_write += ON_WRITE
    scene.on_sent += ON_SENT
    scene.on_alive += ON_ALIVE
    return scene
