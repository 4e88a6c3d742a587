"""`trade --manual` that dies between the typing of a fill and the book, or at a ticket (T74).

What a person typed, and what they may have carried to their broker, nobody else knows: a desk that
is killed anywhere books it once in the end, and asks for what it was not told.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.test_manual_statement import (
    PUT,
    SOLD,
    WHOLE,
    imported,
    paid,
    schwab,
    stands,
    typed,
)
from app.test_trade_manual import Person, events
from app.trading import DAYS, Office
from underwriter.app.cli import trade as line
from underwriter.book.amend import amended
from underwriter.book.event import AnyEvent, Filled, OrderTold
from underwriter.book.seating import BY_HAND
from underwriter.core.units import MICRO
from underwriter.desk.brokers import manual
from underwriter.desk.brokers.paper_account import Account, Cabinet
from underwriter.desk.cycle import Desk
from underwriter.desk.ledger import Ledger
from underwriter.desk.router import GRACE

ANSWER = "20 @ 1.17\n"
CASH_U = 1_000_000 * MICRO + round(paid(WHOLE[0]) * MICRO)


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


class Death:
    """Where a process dies."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch
        patch.setattr(Desk, "stand_down", self.now)

    def now(self, *_: object, **__: object) -> None:
        """Here."""
        raise Killed

    def after(self, whose: type, name: str, due: Callable[..., bool]) -> None:
        """After a method was called for what is due."""
        there = getattr(whose, name)

        def called(one: Any, *given: Any) -> Any:  # noqa: ANN401  of any method
            wanted = due(one, *given)
            found = there(one, *given)
            if wanted:
                raise Killed
            return found

        self.patch.setattr(whose, name, called)


def shown(death: Death) -> None:
    """The ticket is shown, and nothing was typed."""
    death.patch.setattr(line, "_teller", death.now)


def typed_in(death: Death) -> None:
    """The answer was typed, and nothing made of it."""
    death.patch.setattr(manual, "answered", death.now)


def is_kept(_: Cabinet, account: Account) -> bool:
    """Whether something that was typed is written."""
    return any(one.typed for one in account.orders.values())


def is_filled(_: Cabinet, account: Account) -> bool:
    """Whether its fill is written."""
    return any(one.client for one in account.facts)


def is_booked(_: Ledger, told: Sequence[AnyEvent], __: int) -> bool:
    """Whether it is said to the ledger."""
    return any(isinstance(one, Filled) for one in told)


def is_committed(ledger: Ledger) -> bool:
    """Whether it is about to be written to the journal."""
    return any(isinstance(one, Filled) for one in ledger._said)


MOMENTS: dict[str, Callable[[Death], None]] = {
    "shown": shown,
    "typed": typed_in,
    "kept": lambda death: death.after(Cabinet, "keep", is_kept),
    "filled": lambda death: death.after(Cabinet, "keep", is_filled),
    "booked": lambda death: death.after(Ledger, "append", is_booked),
    "committed": lambda death: death.after(Ledger, "commit", is_committed),
}
ASKED_AGAIN = {"shown", "typed"}


def killed(office: Office, moment: str) -> None:
    """A desk that dies at a moment of its first order."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line, "_teller", Person(ANSWER))
        MOMENTS[moment](Death(patch))
        with pytest.raises(Killed):
            office.trade(SOLD, "15:45", kind="--manual")


def sold(office: Office) -> list[tuple[int, int, str | None, str]]:
    """The fills of a book as they truly were: how many, at what, and whose."""
    return [
        (one.quantity, one.price_u, one.option, one.policy)
        for one in amended(events(office))
        if isinstance(one, Filled)
    ]


@pytest.mark.parametrize("moment", MOMENTS)
def test_t74_a_desk_that_dies_at_any_moment_of_a_fill_books_it_once_and_the_file_confirms_it(
    office: Office, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    killed(office, moment)
    person = Person(ANSWER)
    monkeypatch.setattr(line, "_teller", person)
    done = office.trade(SOLD, "15:46", kind="--manual")
    assert done.code == 0, done.out + done.err
    assert len(person.heard) == (moment in ASKED_AGAIN)
    ((quantity, price_u, option, policy),) = sold(office)
    assert (quantity, price_u, option) == (-20, 1_170_000, PUT)
    said = imported(office, schwab(WHOLE, SOLD, 0))
    assert said.code == 0, said.out + said.err
    assert sold(office) == [(-20, 1_170_000, PUT, policy)]
    assert stands(events(office)) == (CASH_U, {PUT: -20 * MICRO})
    assert typed(office, monkeypatch, SOLD).code == 0
    assert sold(office) == [(-20, 1_170_000, PUT, policy)]


@pytest.mark.parametrize("price", [1.18, 1.17], ids=["at its limit", "under it"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_t74_a_file_that_is_imported_before_the_restart_is_that_fill_too(
    office: Office, monkeypatch: pytest.MonkeyPatch, moment: str, price: float
) -> None:
    """The statement answers a ticket that is out, and overtakes what was typed and not booked.

    Under its limit it is of no order, and by hand; but still it is that one fill.
    """
    killed(office, moment)
    said = imported(office, schwab([(20, price)], SOLD, 0))
    assert said.code == 0, said.out + said.err
    after_all = moment != "committed" and price == 1.18
    assert ("Filled after all" in said.out) == after_all
    ((*fill, policy),) = sold(office)
    assert fill == [-20, round(price * MICRO), PUT]
    assert (policy != BY_HAND) == (after_all or moment == "committed")
    person = Person(ANSWER)
    monkeypatch.setattr(line, "_teller", person)
    done = office.trade(SOLD, "15:46", "--json", kind="--manual")
    beside = ["-20 SYN 2024-02-02 P 94"] if policy == BY_HAND else []
    assert (done.code, person.heard) == (3 if beside else 0, []), done.out + done.err
    assert (done.json["breaks"], done.json["unknown"]) == ([], [])
    assert done.json["beside"] == beside
    assert sold(office) == [(*fill, policy)]
    cash_u = 1_000_000 * MICRO + round(paid((20, price)) * MICRO)
    assert stands(events(office)) == (cash_u, {PUT: -20 * MICRO})


@pytest.mark.parametrize("answer", ["\n", "20 @ 1.17\n", "1.17\n"], ids=["no", "part", "all"])
def test_t74_what_was_said_never_to_be_filled_and_was_is_of_its_policy_after_all(
    office: Office, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    assert typed(office, monkeypatch, SOLD, answer).code == 0
    for one in [one for one in events(office) if isinstance(one, Filled)]:
        never = ("book", "record", "correct", str(one.id), "--never", "--yes")
        done = office.underwriter(*never, "--journal", str(office.desk))
        assert done.code == 0, done.err
    assert sold(office) == []
    said = imported(office, schwab([(12, 1.19), (5, 1.17), (3, 1.18)], SOLD, 0))
    assert said.code == 0, said.out + said.err
    flat = " ".join(said.out.split())
    assert (
        "Filled after all, and booked to the order that asked for it: 2024-01-03, "
        "Sold 12 SYN 2024-02-02 P 94 at 1.19"
    ) in flat
    assert {(quantity, policy != BY_HAND) for quantity, _, _, policy in sold(office)} == {
        (-12, True), (-5, False), (-3, True),
    }  # fmt: skip
    office.bring(DAYS[2:3])
    done = typed(office, monkeypatch, DAYS[2])
    assert (done.code, done.json["breaks"], done.json["sessions"]) == (3, [], 1), done.out
    assert done.json["beside"] == ["-5 SYN 2024-02-02 P 94"]


def test_a_restart_books_what_was_typed_under_the_id_that_it_was_kept_by(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(office, "filled")
    account = Cabinet(office.desk / "paper.db").read()
    assert account is not None
    (fact,) = [one for one in account.facts if one.client]
    assert typed(office, monkeypatch, SOLD).code == 0
    (fill,) = [one for one in events(office) if isinstance(one, Filled)]
    assert (fill.id, fill.client) == (fact.row.id, fact.client)


def test_what_is_typed_waits_for_the_disk_and_a_practice_account_does_not(tmp_path: Path) -> None:
    for durable, level in ((True, 2), (False, 0)):  # FULL, OFF: sqlite.org/pragma.html
        cabinet = Cabinet(tmp_path / "account.db", durable=durable)
        assert cabinet._file.execute("PRAGMA synchronous").fetchone() == (level,)


def test_a_ticket_of_yesterday_is_asked_for_before_its_night_is_settled(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(office, "shown")
    office.bring(DAYS[2:3])
    person = Person(ANSWER, "")
    monkeypatch.setattr(line, "_teller", person)
    done = office.trade(DAYS[2], "09:00", kind="--manual")
    assert done.code == 0, done.out + done.err
    ((said, _),) = person.heard
    assert said.startswith(f"left open on {SOLD}: open: sell 32 SYN 2024-02-02 P 94 to open;")
    (fill,) = [one for one in events(office) if isinstance(one, Filled)]
    assert (fill.session, fill.quantity) == (SOLD, -20)
    assert "Sold 20 SYN" in done.out


def test_a_ticket_of_which_nothing_was_filled_ends_with_that_answer(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(office, "shown")
    person = Person("nonsense\n", "\n")
    monkeypatch.setattr(line, "_teller", person)
    done = office.trade(SOLD, "15:46", kind="--manual")
    assert done.code == 0, done.out + done.err
    assert len(person.heard) == 2
    assert sold(office) == []
    assert [one.state for one in events(office) if isinstance(one, OrderTold)][-1] == "cancelled"


def test_nobody_there_is_no_answer_to_a_ticket_that_is_out(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(office, "shown")
    done = typed(office, monkeypatch, SOLD, "")
    assert done.code == 2
    assert "expected somebody to type what became of it: run it at a terminal" in done.err
    assert "a ticket is left open, and may work at your broker: open: sell 32" in done.err
    assert typed(office, monkeypatch, SOLD, ANSWER).code == 0
    assert [quantity for quantity, *_ in sold(office)] == [-20]


def test_quotes_that_fail_after_the_answer_lose_nothing_of_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line, "_teller", Person(ANSWER))
        patch.setattr(manual, "shared_out", _broken)
        assert office.trade(SOLD, "15:45", kind="--manual").code == 1
    assert sold(office) == []
    assert typed(office, monkeypatch, SOLD).code == 0
    assert [quantity for quantity, *_ in sold(office)] == [-20]


def test_t82_ctrl_c_amid_a_fill_lets_nothing_of_it_be_filled_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was noted by then is not kept: as the desk stands down all of it is filled."""
    left, real = [1], manual.fill_units

    def once(*given: Any) -> None:  # noqa: ANN401  as it is called
        real(*given)
        if left.pop():
            left.append(0)
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line, "_teller", Person(ANSWER))
        patch.setattr(manual, "fill_units", once)
        assert office.trade(SOLD, "15:45", kind="--manual").code == 130
    assert [quantity for quantity, *_ in sold(office)] == [-20]
    assert typed(office, monkeypatch, SOLD).code == 0
    assert [quantity for quantity, *_ in sold(office)] == [-20]


def _broken(*_: object) -> dict[str, int]:
    raise RuntimeError("no quotes")


def test_t82_an_interrupted_ticket_is_told_as_unknown_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for an end that only the person at the ticket knows: nothing rests there."""
    monkeypatch.setattr(line, "_teller", _interrupted)
    office.to(SOLD, "15:45")
    before = office.clock.at
    assert office.trade(SOLD, "15:45", kind="--manual").code == 130
    assert office.clock.at - before <= GRACE, "one look, where a broker is given quarter a minute"
    told = [one for one in events(office) if isinstance(one, OrderTold)]
    assert [one.state for one in told] == ["unknown"]
    assert told[0].why == "manual: nobody has typed yet what became of its ticket"


def _interrupted(*_: object) -> str:
    raise KeyboardInterrupt
