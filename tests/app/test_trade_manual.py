"""`trade --manual`: tickets that a person carries, and what is typed back, to the cent (T70)."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.trading import DAYS, Office
from desk.world import ticket
from underwriter.app.cli import trade as line
from underwriter.book.event import AnyEvent, Filled
from underwriter.book.journal import Journal
from underwriter.core.errors import InputError
from underwriter.desk.brokers.manual import shared_out
from underwriter.desk.brokers.manual_words import read, told
from underwriter.desk.brokers.paper_account import Typed
from underwriter.desk.ports import Ticket, Touch
from underwriter.desk.price import net_u, parts

PUT, LOWER = "KO    240105P00060000", "KO    240105P00055000"
ONE = ticket("a", (PUT, -2, "open"), limit=1.35)
SPREAD = ticket("b", (PUT, 3, "close"), (LOWER, -3, "close"), limit=-0.85, action="close")
EXERCISE = ticket("c", (PUT, 1, "close"), limit=None, action="exercise")


def test_a_ticket_is_told_in_words() -> None:
    assert told(ONE) == (
        "open: sell 2 KO 2024-01-05 P 60 to open; limit 1.35 net credit a share, for the day"
    )
    assert "limit 0.85 net debit a share" in told(SPREAD)
    assert told(EXERCISE) == "exercise: buy 1 KO 2024-01-05 P 60 to close"


@pytest.mark.parametrize(
    ("text", "order", "typed"),
    [
        ("1.35\n", ONE, Typed(2, 1_350_000)),
        (" 1 @ 1.36 \n", ONE, Typed(1, 1_360_000)),
        ("2@1.4", ONE, Typed(2, 1_400_000)),
        ("0.80", SPREAD, Typed(3, -800_000)),
        ("\n", ONE, None),
        ("", ONE, None),
        ("No\n", ONE, None),
        ("yes", EXERCISE, Typed(1, 0)),
        ("", EXERCISE, None),
    ],
)
def test_what_is_typed_is_read(text: str, order: Ticket, typed: Typed | None) -> None:
    assert read(text, order) == typed


@pytest.mark.parametrize(
    ("text", "order", "said"),
    [
        ("much", ONE, "found 'much'; expected a net price such as 1.35, or nothing"),
        ("yes", ONE, "expected a net price such as 1.35"),
        ("nan", ONE, "expected a net price such as 1.35"),
        ("inf", ONE, "expected a net price such as 1.35"),
        ("-1.35", ONE, "expected a net price such as 1.35"),
        ("1e30", ONE, "expected a net price such as 1.35"),
        ("0 @ 1.35", ONE, "found '0' units; expected 1 to 2"),
        ("3 @ 1.35", ONE, "found '3' units; expected 1 to 2"),
        ("½ @ 1.35", ONE, "expected 1 to 2"),
        ("² @ 1.35", ONE, "expected 1 to 2"),
        ("1.35", EXERCISE, "found '1.35'; expected yes, or nothing"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, order: Ticket, said: str) -> None:
    with pytest.raises(InputError) as problem:
        read(text, order)
    assert said in str(problem.value)


@given(
    changes=some.lists(some.integers(-3, 3).filter(bool), min_size=1, max_size=4),
    middles=some.lists(some.integers(0, 2_000), min_size=4, max_size=4),
    net=some.integers(-5_000, 5_000),
)
def test_parts_at_shared_out_prices_come_to_what_was_typed(
    changes: list[int], middles: list[int], net: int
) -> None:
    legs = [(f"KO    240105P000{50 + n}000", one, "open") for n, one in enumerate(changes)]
    order = ticket("p", *legs, limit=0.0, units=1)
    quoted = {
        leg[0]: Touch(cents * 10_000, cents * 10_000 + 10_000, 0)
        for leg, cents in zip(legs, middles, strict=False)
    }
    whole = net * 10_000 if any(abs(one) == 1 for one in changes) else net * 60_000
    prices = shared_out(order, whole, quoted)
    wanted = parts(order)
    assert net_u((part, prices[key]) for key, part in wanted.items()) == pytest.approx(
        whole, abs=0 if any(abs(one) == 1 for one in changes) else 3
    )


# --- at a desk ---


class Person:
    """Types answers in turn; then nothing."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.heard = [*answers], []

    def __call__(self, said: str, question: str) -> str:
        """The next answer; nothing once they are through."""
        self.heard.append((said, question))
        return self.answers.pop(0) if self.answers else "\n"


def events(office: Office) -> list[AnyEvent]:
    with Journal.open(office.desk / "journal.db") as journal:
        return [event for _, event in journal.read()]


def fills(office: Office) -> list[tuple[int, int]]:
    return [(one.quantity, one.price_u) for one in events(office) if isinstance(one, Filled)]


def asked(office: Office, monkeypatch: pytest.MonkeyPatch, *answers: str) -> Person:
    """A cycle of the second session, with a person who types."""
    person = Person(*answers)
    monkeypatch.setattr(line, "_teller", person)
    done = office.trade(DAYS[1], "15:45", kind="--manual")
    assert done.code == 0, done.err
    return person


def test_what_is_typed_is_in_the_book_to_the_cent(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = asked(office, monkeypatch, "1.17\n")
    ((said, question),) = person.heard
    assert said.startswith("open: sell 32 SYN 2024-02-02 P 94 to open; limit ")
    assert question.startswith("filled? (net price for all 32;")
    assert fills(office) == [(-32, 1_170_000)]
    assert asked(office, monkeypatch).heard == [], "the session is decided"


def test_a_part_is_booked_and_the_rest_lapses(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = asked(office, monkeypatch, "1 @ 1.35\n")
    assert len(person.heard) == 1
    assert fills(office) == [(-1, 1_350_000)]
    again = Person()
    monkeypatch.setattr(line, "_teller", again)
    done = office.trade(DAYS[1], "15:50", kind="--manual")
    assert (done.code, again.heard) == (0, [])


def test_nothing_typed_is_a_no_and_nonsense_is_asked_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = asked(office, monkeypatch, "plenty\n", "\n")
    assert [said for said, _ in person.heard][1] == (
        "found 'plenty'; expected a net price such as 1.18, or nothing"
    )
    assert fills(office) == []


def test_a_spreads_legs_come_to_the_net_price_that_was_typed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.write("put_spread", **{"delta = 0.30": "delta = 0.30\nwidth = 5.0"})
    office.settings("[account]", 'collateral = "reg_t"')
    person = asked(office, monkeypatch, "0.60\n")
    ((said, _),) = person.heard
    assert " net credit a share" in said
    ((first, high_u), (second, low_u)) = fills(office)
    assert first == -second
    assert abs(high_u - low_u) == 600_000
