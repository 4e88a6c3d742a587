"""Wash sales in plain text; each expected figure was worked out by hand."""

from datetime import date

from book.ledger_text import events_of
from book.tax_text import check_tax, elsewhere
from underwriter.book.tax import taxed


def test_t79_another_underlying_replaces_nothing() -> None:
    check_tax("""
        2026-01-05 bought 100 KO shares @ 60.00
        2026-03-02 sold 100 KO shares @ 50.00
        2026-03-03 bought 1 PEP 2026-06-19 C 60 @ 1.00
        => short -1,000.00 · long 0.00 · PEP 1 2026-06-19 C 60 basis 100.00 since 2026-03-03
    """)


def test_t79_what_replaces_is_long_term_by_the_time_of_what_it_replaced() -> None:
    """59 days of the old shares and 306 of the new ones are a year; a day later is more."""
    text = """
        2025-01-02 bought 100 KO shares @ 60.00
        2025-03-02 sold 100 KO shares @ 50.00
        2025-03-03 bought 100 KO shares @ 51.00
    """
    year = taxed(events_of(text.rstrip() + "\n2026-01-03 sold 100 KO shares @ 70.00"), 2026)
    assert (year.short_u, year.long_u) == (900_000_000, 0)
    year = taxed(events_of(text.rstrip() + "\n2026-01-04 sold 100 KO shares @ 70.00"), 2026)
    assert (year.short_u, year.long_u) == (0, 900_000_000)


def test_t79_a_put_assigned_within_the_window_puts_the_loss_off() -> None:
    """Called away 300 below basis, put to again 21 days later: 300 more basis, 40 days more.

    Basis 6,000; proceeds 5,650 + 50; the new lot 5,600 - 80 + 300, and 46 days held before.
    """
    check_tax("""
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-06 sold 1 KO 2026-02-20 C 56.5 @ 0.50
        2026-02-20 called away KO 56.5 C, 100 shares
        => short -300.00 · long 0.00
        2026-02-23 sold 1 KO 2026-03-13 P 56 @ 0.80
        => short -300.00 · long 0.00 · KO -1 2026-03-13 P 56 proceeds 80.00 since 2026-02-23
        2026-03-13 assigned KO 56 P, 100 shares
        => short 0.00 · long 0.00 · put off 300.00 · KO 100 basis 5,820.00 since 2026-01-26
        2026-04-20 sold 100 KO shares @ 59.00
        => short 80.00 · long 0.00 · put off 300.00
    """)


def test_t79_the_window_has_thirty_days_on_either_side_and_not_one_more() -> None:
    check_tax("""
        2026-01-05 bought 100 KO shares @ 60.00
        2026-03-02 sold 100 KO shares @ 50.00
        2026-04-02 bought 100 KO shares @ 50.00
        => short -1,000.00 · long 0.00 · KO 100 basis 5,000.00 since 2026-04-02
    """)
    check_tax("""
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-30 bought 100 KO shares @ 55.00
        2026-03-02 sold 100 KO shares @ 50.00
        => short -1,000.00 · long 0.00 · KO 100 basis 5,500.00 since 2026-01-30
    """)
    check_tax("""
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-31 bought 100 KO shares @ 55.00
        2026-03-02 sold 100 KO shares @ 50.00
        => short 0.00 · long 0.00 · put off 1,000.00 · KO 100 basis 6,500.00 since 2025-12-06
    """)
    check_tax("""
        2026-01-05 bought 100 KO shares @ 60.00
        2026-03-02 sold 100 KO shares @ 50.00
        2026-04-01 bought 100 KO shares @ 50.00
        => short 0.00 · long 0.00 · put off 1,000.00 · KO 100 basis 6,000.00 since 2026-02-04
    """)


def test_t79_part_of_one_purchase_is_no_replacement_of_the_other_part() -> None:
    """Rev. Rul. 56-602."""
    check_tax("""
        2026-01-05 bought 200 KO shares @ 60.00
        2026-01-12 sold 100 KO shares @ 55.00
        => short -500.00 · long 0.00 · KO 100 basis 6,000.00 since 2026-01-05
    """)


def test_t79_each_share_replaces_once_and_only_as_many_losses_are_put_off() -> None:
    """100 of 300 shares are replaced by 100; a second loss finds them taken."""
    check_tax("""
        2026-01-05 bought 300 KO shares @ 60.00
        2026-01-06 bought 100 KO shares @ 58.00
        2026-01-20 sold 300 KO shares @ 57.00
        => short -600.00 · long 0.00 · put off 300.00 · KO 100 basis 6,100.00 since 2025-12-22
        2026-01-21 bought 100 KO shares @ 57.00
        => short -300.00 · long 0.00 · put off 600.00 · KO 100 basis 6,100.00 since 2025-12-22 · KO 100 basis 6,000.00 since 2026-01-06
        2026-01-22 sold 100 KO shares @ 57.00
        => short -700.00 · long 0.00 · put off 600.00 · KO 100 basis 6,000.00 since 2026-01-06
    """)  # fmt: skip  # noqa: E501


def test_t79_a_call_bought_takes_a_loss_on_shares_over_and_stock_bought_none_on_a_call() -> None:
    """60 of the 100 shares that a call is for; when exercised it does not replace again."""
    check_tax("""
        2026-01-05 bought 60 KO shares @ 60.00
        2026-02-20 sold 60 KO shares @ 50.00
        2026-02-23 bought 2 KO 2026-03-20 C 50 @ 2.00
        => short 0.00 · long 0.00 · put off 600.00 · KO 1 2026-03-20 C 50 basis 800.00 since 2026-01-08 · KO 1 2026-03-20 C 50 basis 200.00 since 2026-02-23
        2026-03-20 exercised KO 50 C, 200 shares
        => short 0.00 · long 0.00 · put off 600.00 · KO 100 basis 5,800.00 since 2026-03-20 · KO 100 basis 5,200.00 since 2026-03-20
    """)  # fmt: skip  # noqa: E501
    check_tax("""
        2026-01-05 bought 1 KO 2026-03-20 C 60 @ 2.00
        2026-02-20 sold 1 KO 2026-03-20 C 60 @ 1.00
        2026-02-23 bought 100 KO shares @ 58.00
        2026-02-24 bought 1 KO 2026-03-20 C 62 @ 1.00
        => short -100.00 · long 0.00 · KO 100 basis 5,800.00 since 2026-02-23 · KO 1 2026-03-20 C 62 basis 100.00 since 2026-02-24
        2026-02-25 bought 1 KO 2026-03-20 C 60 @ 1.00
        => short 0.00 · long 0.00 · put off 100.00 · KO 100 basis 5,800.00 since 2026-02-23 · KO 1 2026-03-20 C 60 basis 200.00 since 2026-01-10 · KO 1 2026-03-20 C 62 basis 100.00 since 2026-02-24
    """)  # fmt: skip  # noqa: E501


def test_t79_a_written_option_bought_back_at_a_loss_is_never_a_wash_sale() -> None:
    check_tax("""
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 1.00
        2026-01-12 bought 1 KO 2026-02-20 P 60 @ 3.00
        2026-01-13 sold 1 KO 2026-02-20 P 60 @ 3.00
        => short -200.00 · long 0.00 · KO -1 2026-02-20 P 60 proceeds 300.00 since 2026-01-13
    """)


def test_t79_what_is_gone_by_the_evening_replaces_nothing_but_what_was_bought_after_does() -> None:
    """All sold in two sales of one day; then sold, bought and sold again in one day."""
    check_tax("""
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-06 bought 100 KO shares @ 59.00
        2026-01-20 sold 100 KO shares @ 55.00
        2026-01-20 sold 100 KO shares @ 55.00
        => short -900.00 · long 0.00
    """)
    check_tax("""
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-20 sold 100 KO shares @ 55.00
        2026-01-20 bought 100 KO shares @ 55.00
        2026-01-20 sold 100 KO shares @ 56.00
        => short -400.00 · long 0.00 · put off 500.00
    """)


def test_t79_a_split_between_a_loss_and_what_replaces_it() -> None:
    """Of 100 shares 50 are replaced by 100 after 2:1."""
    check_tax("""
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-05 bought 1 KO 2026-02-20 P 40 @ 0.10
        2026-01-20 sold 100 KO shares @ 50.00
        2026-01-21 bought 2 KO shares @ 50.00
        2026-01-22 split KO 2:1
        2026-01-23 bought 96 KO shares @ 25.00
        => short -500.00 · long 0.00 · put off 500.00 · KO 4 basis 120.00 since 2026-01-06 · KO 96 basis 2,880.00 since 2026-01-08 · KO 2 2026-02-20 P 20 basis 10.00 since 2026-01-05
    """)  # fmt: skip  # noqa: E501


def test_a_loss_of_december_is_put_off_by_a_purchase_in_january() -> None:
    text = """
        2025-11-03 bought 100 KO shares @ 60.00
        2025-12-15 sold 100 KO shares @ 50.00
        2026-01-14 bought 100 KO shares @ 51.00
    """
    tax = taxed(events_of(text), 2025)
    assert (tax.short_u, tax.disallowed_u, tax.over) == (0, 1_000_000_000, True)
    later = taxed(events_of(text.rstrip() + "\n2026-03-02 sold 100 KO shares @ 52.00"), 2026)
    assert later.short_u == -900_000_000


def test_a_window_that_the_journal_does_not_see_the_end_of_is_told() -> None:
    text = """
        2025-11-03 bought 100 KO shares @ 60.00
        2025-12-15 sold 100 KO shares @ 50.00
        2026-01-05 interest 1.00
    """
    (waiting,) = taxed(events_of(text), 2025).waiting
    assert waiting.closed == date(2025, 12, 15)
    assert not taxed(events_of(text.rstrip() + "\n2026-01-14 interest 1.00"), 2025).waiting


def test_t79_a_loss_is_put_off_by_what_another_account_bought_the_oldest_first() -> None:
    """200 at a loss of 1,000: 100 replaced in each account, 50 more found no loss that is left."""
    here = """
        2026-01-05 bought 200 KO shares @ 60.00
        2026-02-20 bought 150 KO shares @ 50.00
        2026-03-02 sold 200 KO shares @ 55.00
    """
    there = elsewhere("2026-02-19 bought 100 KO shares @ 56.00")
    more = elsewhere("2026-02-25 bought 100 KO shares @ 56.00")[1:]
    tax = taxed([*events_of(here), *there, *more], 2026)
    assert (tax.short_u, tax.disallowed_u) == (0, 1_000_000_000)
    assert [(account, -lot.money_u, lot.quantity) for account, _, lot in tax.lots] == [
        ("ira", 6_100_000_000, 100),
        ("ira", 5_600_000_000, 100),
        ("main", 5_500_000_000, 100),
        ("main", 2_500_000_000, 50),
    ]


def test_t79_a_loss_on_an_option_waits_through_a_split_of_the_shares() -> None:
    tax = check_tax("""
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-06 bought 1 KO 2026-02-20 P 60 @ 2.00
        2026-01-20 sold 1 KO 2026-02-20 P 60 @ 1.00
        2026-01-21 split KO 2:1
        => short -100.00 · long 0.00 · KO 200 basis 6,000.00 since 2026-01-05
    """)
    assert [one.closed for one in tax.waiting] == [date(2026, 1, 20)]
