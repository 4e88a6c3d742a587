"""Accounting and tax of docs/failures.md as ledgers in plain text.

Each expected book was worked out by hand; where a sum is not plain, it stands above it.
"""

import shutil
from pathlib import Path

from book.case_text import check, pieces
from book.journals import NOON
from book.ledger_text import book_text
from underwriter.book.fold import fold
from underwriter.book.journal import Journal
from underwriter.book.verify import verify
from underwriter.book.wal import read_log


def test_t76_a_roll_for_a_debit_two_assignments_and_a_call_away_in_part() -> None:
    """Two puts of 60 for 1.00, rolled to 59 for 1.40 at 1.80, each assigned on a day of its own.

    After the first: 59 - 1.40 + 2 x 0.80, its premium and what both old ones lost.  After the
    second: (11,800 - 120) / 200.  With one of two calls gone: 11,680 - 6,100 - 70.  Sold at 58.
    """
    check("""
        2026-01-05 deposit 50,000.00
        2026-01-05 sold 2 KO 2026-01-16 P 60 @ 1.00
        2026-01-14 sold 2 KO 2026-02-20 P 59 @ 1.40
        2026-01-14 bought 2 KO 2026-01-16 P 60 @ 1.80
        => cash 50,120.00 · KO -2 2026-02-20 P 59 · campaign open
        2026-02-03 assigned KO 59 P, 100 shares
        => cash 44,220.00 · KO 100 shares · KO -1 2026-02-20 P 59 · breakeven 59.2000 · campaign open
        2026-02-20 assigned KO 59 P, 100 shares
        => cash 38,320.00 · KO 200 shares · breakeven 58.4000 · campaign open
        => taxed short -160.00 · long 0.00 · KO 100 basis 5,760.00 since 2026-02-03 · KO 100 basis 5,760.00 since 2026-02-20
        2026-02-23 sold 2 KO 2026-03-20 C 61 @ 0.70
        2026-03-20 called away KO 61 C, 100 shares
        => cash 44,560.00 · KO 100 shares · KO -1 2026-03-20 C 61 · breakeven 55.1000 · campaign open
        2026-03-20 expired KO 61 C
        => cash 44,560.00 · KO 100 shares · breakeven 54.4000 · campaign open
        2026-03-23 sold 100 KO shares @ 58.00
        => cash 50,360.00 · campaign earned 360.00
        => taxed short 360.00 · long 0.00
    """)  # fmt: skip  # noqa: E501


def test_t76_shares_owned_before_have_a_basis_and_a_day_and_move_no_cash() -> None:
    """5,210 - 49.34; sold at 60 they are long-term: 790."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 owned 100 KO shares for 5,210.00 since 2024-03-01
        => cash 20,000.00 · KO 100 shares · breakeven 52.1000 · campaign open
        2026-01-05 sold 1 KO 2026-02-20 C 62 @ 0.50 fee 0.66
        2026-02-20 expired KO 62 C
        => cash 20,049.34 · KO 100 shares · breakeven 51.6066 · campaign open
        2026-02-23 sold 100 KO shares @ 60.00
        => cash 26,049.34 · campaign earned 839.34
        => taxed short 49.34 · long 790.00
    """)


def test_t77_partial_fills_of_an_order_are_one_lot_with_all_fees() -> None:
    """One at 0.85 and two at 0.86 with 0.66 each: 257.00 less 1.98; the first is told twice."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 order c1 to open -3 KO 2026-02-20 P 60
        2026-01-05 order c1 acknowledged
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66 by c1 #e1
        => orders c1 acknowledged
        2026-01-05 sold 2 KO 2026-02-20 P 60 @ 0.86 fee 1.32 by c1 #e2
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66 by c1 #e1
        => told twice 7
        => orders c1 filled
        => cash 20,255.02 · KO -3 2026-02-20 P 60 · campaign open
        => taxed short 0.00 · long 0.00 · KO -3 2026-02-20 P 60 proceeds 255.02 since 2026-01-05
    """)


def test_t78_premium_is_folded_into_shares_where_the_law_has_it_so() -> None:
    """60 - 0.85 of basis in the United States; 85 of income and 60 of basis where it is apart."""
    for taxation, assigned in (
        ("us_taxable", "short 0.00 · long 0.00 · KO 100 basis 5,915.00 since 2026-02-20"),
        ("separate", "short 85.00 · long 0.00 · KO 100 basis 6,000.00 since 2026-02-20"),
        ("us_deferred", "short 0.00 · long 0.00"),
    ):
        sold = "0.00" if taxation == "us_deferred" else "-115.00"
        check(f"""
            2026-01-02 account cash, {taxation}
            2026-01-05 deposit 20,000.00
            2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
            2026-02-20 assigned KO 60 P, 100 shares
            => taxed {assigned}
            2026-02-23 sold 100 KO shares @ 58.00
            => taxed short {sold} · long 0.00
            => cash 19,885.00 · campaign earned -115.00
        """)


def test_t79_a_deferred_account_takes_a_loss_for_good() -> None:
    """Rev. Rul. 2008-5: 300 put off by what the IRA bought, and no basis has it; its own never is."""  # noqa: E501
    check("""
        2026-01-02 account cash, us_taxable
        2026-01-02 in ira account cash, us_deferred
        2026-01-05 bought 100 KO shares @ 60.00
        2026-02-20 sold 100 KO shares @ 57.00
        => taxed short -300.00 · long 0.00
        2026-02-20 in ira bought 100 KO shares @ 58.00
        => taxed short 0.00 · long 0.00 · put off 300.00
        2026-02-23 in ira sold 100 KO shares @ 50.00
        2026-02-24 bought 100 KO shares @ 50.00
        => taxed short 0.00 · long 0.00 · put off 300.00 · KO 100 basis 5,000.00 since 2026-02-24
    """)


def test_t80_income_of_months_and_the_result_of_a_spread_are_the_ledgers_cash() -> None:
    """100.00 - 40.00 taken in January, 60.00 - 1.32 in all; interest in March: 3.00 more."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 1.00 fee 0.66
        2026-01-05 bought 1 KO 2026-02-20 P 55 @ 0.40 fee 0.66
        2026-02-10 bought 1 KO 2026-02-20 P 60 @ 0.30
        2026-02-10 sold 1 KO 2026-02-20 P 55 @ 0.10
        => cash 20,038.68 · campaign earned 38.68
        2026-03-31 interest 3.00
        => cash 20,041.68 · campaign earned 38.68
        => income 2026-01 0.00 · 2026-02 38.68 · 2026-03 3.00
        | 2026-03-31 holds 20,041.68
        => breaks none
    """)


def test_t80_what_never_was_is_in_no_month_and_a_fee_is_in_its_own() -> None:
    """84.34 less 3.00; the broker's statement says the same to the cent, then a cent less."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 KO 2026-01-30 P 60 @ 0.85 fee 0.66 #1
        2026-01-06 sold 1 KO 2026-01-30 P 55 @ 0.40 #2
        2026-01-07 busted 2
        2026-01-30 expired KO 60 P #3
        2026-01-30 charged 3.00
        => cash 20,081.34 · campaign earned 84.34
        => income 2026-01 81.34
        | 2026-01-30 holds 20,081.34
        => breaks none
        | 2026-01-30 holds 20,081.33
        => breaks cash: a fee of no trade
        => income 2026-01 81.33
    """)


def test_t81_a_basis_a_hundred_times_too_small_is_corrected_by_its_id() -> None:
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 owned 100 KO shares for 52.10 since 2024-03-01 #t
        => cash 20,000.00 · KO 100 shares · breakeven 0.5210 · campaign open
        2026-01-06 corrected t to 100 shares for -5,210.00
        => cash 20,000.00 · KO 100 shares · breakeven 52.1000 · campaign open
        => taxed short 0.00 · long 0.00 · KO 100 basis 5,210.00 since 2024-03-01
    """)


def test_t81_a_price_by_hand_a_hundred_times_too_low_is_a_break_that_is_mended() -> None:
    """0.0085 was typed for 0.85."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 by hand sold 1 KO 2026-02-20 P 60 @ 0.0085 #hand-3
        => cash 20,000.85 · KO -1 2026-02-20 P 60 · campaign open
        | 2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
        | 2026-01-05 holds 20,085.00, -1 KO 2026-02-20 P 60
        => breaks price: recorded by hand a hundred times too low
        => cash 20,085.00 · KO -1 2026-02-20 P 60 · campaign open
    """)


KILLED = """
    2026-01-05 deposit 20,000.00
    2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66 #1
    => cash 20,084.34 · KO -1 2026-02-20 P 60 · campaign open
    2026-02-20 assigned KO 60 P, 100 shares #2
    2026-02-23 sold 1 KO 2026-03-20 C 62 @ 0.50 #3
    => cash 14,134.34 · KO 100 shares · KO -1 2026-03-20 C 62 · breakeven 59.1566 · campaign open
"""


def test_t82_a_ledger_that_was_killed_while_it_was_written_is_as_before_or_after(
    tmp_path: Path,
) -> None:
    """Wherever the log was cut off, the two events are both there or neither is; told again, once."""  # noqa: E501
    (first, before), (second, after) = pieces(KILLED)
    place = tmp_path / "live" / "book.journal"
    place.parent.mkdir()
    log = place.with_name("book.journal-wal")
    with Journal.create(place) as journal:
        journal.append(first, NOON)
        acknowledged = read_log(log).length
        shutil.copytree(place.parent, tmp_path / "before")
        journal.append(second, NOON)
        written = log.read_bytes()[: read_log(log).length]
    seen = set()
    for cut in (*range(acknowledged, len(written), 512), len(written)):
        folder = tmp_path / str(cut)
        shutil.copytree(tmp_path / "before", folder)
        (folder / log.name).write_bytes(written[:cut])
        with Journal.open(folder / place.name) as journal:
            seen.add(book_text(fold(event for _, event in journal.read())))
            journal.append(second, NOON)
            assert book_text(fold(event for _, event in journal.read())) == after
    assert seen == {before, after}


def test_t82_a_ledger_on_a_damaged_disk_is_refused_and_not_misread(tmp_path: Path) -> None:
    path = tmp_path / "book.journal"
    with Journal.create(path) as journal:
        for events, _ in pieces(KILLED):
            journal.append(events, NOON)
    body = path.read_bytes()
    at = body.index(b'"amount_u":85000000') + len('"amount_u":')
    path.write_bytes(body[:at] + b"9" + body[at + 1 :])
    assert [each.code for each in verify(path).findings] == ["changed"]


def test_t82_a_fold_that_stopped_anywhere_goes_on_to_the_same_book() -> None:
    """An order, an assignment that was inferred and taken back, an adjusted root, a repeat."""
    ((events, expected),) = pieces("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 2 KO 2026-02-20 P 60 @ 0.85 #1
        2026-01-06 order c1 to close 2 KO 2026-02-20 P 60
        2026-02-02 inferred assigned KO 60 P, 100 shares #s
        2026-02-02 busted s
        2026-02-03 sold 1 KO 2026-03-20 P 58 @ 0.50 #2
        2026-02-03 adjusted KO 58 P to KO1, 12 shares and 5.00
        2026-02-03 deposit 5.00 #d
        2026-02-03 deposit 5.00 #d
        => cash 20,225.00 · KO -2 2026-02-20 P 60 · KO -1 2026-03-20 P 58 · campaign open
    """)
    whole = fold(events)
    assert (book_text(whole), whole.repeats) == (expected, (10,))
    for cut in range(len(events)):
        assert fold(events[cut:], fold(events[:cut])) == whole


def test_t81_shares_of_an_assignment_a_hundred_times_too_cheap_are_doubted() -> None:
    """0.60 for 60: what Alpaca gave as a basis once.  Events 1 to 3: money, the sleeve, the put."""
    check("""
        2026-01-05 deposit 20,000.00
        | 2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
        | 2026-02-20 came 100 KO shares @ 0.60
        => doubts 4: 100 KO at 0.60: a hundred times less than the strike of KO 2026-02-20 P 60, 60.00; likely cents
    """)  # fmt: skip  # noqa: E501
    check("""
        2026-01-05 deposit 20,000.00
        | 2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
        => doubts none
        | 2026-02-20 came 100 KO shares @ 0.60
        | 2026-02-20 holds 20,025.00, -1 KO 2026-02-20 P 60, 100 KO
        => breaks missing event: a delivery · scale: 100 KO at 0.60: a hundred times less than the strike of KO 2026-02-20 P 60, 60.00
    """)  # fmt: skip  # noqa: E501


def test_t81_a_basis_ten_a_hundred_or_a_thousand_times_off_is_doubted() -> None:
    """Of the call's strike; of the shares' last price; and an assignment that moves them so."""
    for cash, factor in (("521.00", "ten"), ("52.10", "a hundred"), ("5.21", "a thousand")):
        check(f"""
            2026-01-05 deposit 20,000.00
            2026-01-05 sold 1 KO 2026-02-20 C 55 @ 0.85
            2026-01-05 owned 100 KO shares for {cash} since 2024-03-01
            => doubts 4: {factor} times less than the strike of KO 2026-02-20 C 55, 55.00
        """)
    check("""
        2026-01-05 deposit 900,000.00
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-06 bought 100 KO shares @ 6,100.00
        => doubts 4: 100 KO at 6100.00: a hundred times more than the last price of KO, 60.00
    """)
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
        2026-02-20 delivered KO 60 P, 100 shares for 60.00
        => doubts 4: 100 KO at 0.60: a hundred times less than the strike of KO 2026-02-20 P 60
    """)


def test_t81_a_premium_under_a_cent_above_its_strike_or_far_from_its_last_is_doubted() -> None:
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.0085
        2026-01-05 sold 1 KO 2026-02-20 P 55 @ 85.00
        2026-01-05 bought 1 KO 2026-02-20 C 65 @ 0.50
        2026-01-06 sold 1 KO 2026-02-20 C 65 @ 45.00
        => doubts 3: KO 2026-02-20 P 60 at 0.0085: under a cent · 4: KO 2026-02-20 P 55 at 85.00: more than its strike · 6: KO 2026-02-20 C 65 at 45.00: a hundred times more than the last price
    """)  # fmt: skip  # noqa: E501


def test_t81_what_may_well_be_is_not_doubted() -> None:
    """A tenth of its premium left, a share at a third of its strike, a split, and another name."""
    check("""
        2026-01-05 deposit 90,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
        2026-02-19 bought 1 KO 2026-02-20 P 60 @ 0.08
        2026-02-20 bought 100 KO shares @ 20.00
        2026-02-23 bought 10 PEP shares @ 150.00
        2026-03-02 split KO 10:1
        2026-03-03 sold 1,000 KO shares @ 2.00
        2026-03-04 renamed PEP to PEPX
        2026-03-04 bought 10 PEPX shares @ 1.50
        2026-03-05 ended PEPX for 0.00
        => doubts none
    """)
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 bought 100 SDS shares @ 60.00
        2026-01-05 sold 1 SDS 2026-03-20 C 62 @ 0.50
        2026-02-10 adjusted SDS 62 C to SDS1, 12 shares and 5.00
        2026-02-10 returned SDS 5.00
        2026-02-10 fewer SDS shares 1:8
        2026-03-20 delivered SDS 62 C, 12 shares for 6,195.00
        => doubts none
    """)
