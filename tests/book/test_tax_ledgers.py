"""Tax of single sleeves, in plain text; each expected figure was worked out by hand."""

from datetime import date

import msgspec
import pytest

from book.ledger_text import events_of
from book.tax_text import check_tax, elsewhere
from underwriter.book.fold import fold
from underwriter.book.lot_order import Choice, hifo, specific
from underwriter.book.lots import Lots
from underwriter.book.tax import Treatment, taxed
from underwriter.core.errors import InputError

CYCLE = """
    2026-01-02 deposit 20,000.00
    2026-01-05 sold 1 XYZ 2026-01-16 P 95 @ 1.36
    2026-01-14 sold 1 XYZ 2026-02-20 P 94 @ 2.75
    2026-01-14 bought 1 XYZ 2026-01-16 P 95 @ 2.10
    => short -74.00 · long 0.00 · XYZ -1 2026-02-20 P 94 proceeds 275.00 since 2026-01-14
    2026-02-20 assigned XYZ 94 P, 100 shares
    => short -74.00 · long 0.00 · XYZ 100 basis 9,125.00 since 2026-02-20
    2026-02-23 sold 1 XYZ 2026-03-20 C 97 @ 1.20
    2026-03-20 expired XYZ 97 C
    => short 46.00 · long 0.00 · XYZ 100 basis 9,125.00 since 2026-02-20
    2026-03-23 sold 1 XYZ 2026-04-17 C 97 @ 0.95
    2026-04-17 expired XYZ 97 C
    2026-04-20 sold 1 XYZ 2026-05-15 C 97 @ 1.40
    2026-05-15 called away XYZ 97 C, 100 shares
    => short 856.00 · long 0.00
"""


def test_t76_the_wheel_cycle_of_domain_4_2_earns_8_56_a_share_three_ways() -> None:
    """Cash 20,856 after 20,000; campaign 97 - 88.44; tax -0.74 + 1.20 + 0.95 and 98.40 - 91.25."""
    tax = check_tax(CYCLE)
    events = events_of(CYCLE)
    book = fold(events)
    (campaign,) = book.campaigns
    cash_u = int(book.state.accounts[0].cash_u) - 20_000_000_000
    assert (cash_u, campaign.result_u, tax.short_u + tax.long_u) == (856_000_000,) * 3
    shares = [one for one in tax.closings if one.asset.option is None]
    assert [one.gain_u for one in shares] == [715_000_000]
    assert [one.gain_u for one in tax.closings[:3]] == [-74_000_000, 120_000_000, 95_000_000]


def test_t78_without_folding_each_option_stands_alone_and_shares_move_at_the_strike() -> None:
    """1.36 - 2.10 + 2.75 + 1.20 + 0.95 + 1.40 = 5.56 of options; 97 - 94 = 3 of shares."""
    tax = taxed(events_of(CYCLE), 2026, Treatment(folds=False))
    options = sum(one.gain_u for one in tax.closings if one.asset.option is not None)
    shares = [(one.proceeds_u, one.basis_u) for one in tax.closings if one.asset.option is None]
    assert (options, shares) == (556_000_000, [(9_700_000_000, 9_400_000_000)])


def test_t76_puts_of_three_strikes_are_three_lots_and_a_part_is_called_away() -> None:
    """The oldest lot goes first: 5,800 - 100 = 5,700 of basis; 6,200 + 50 - 0.20 of proceeds."""
    check_tax("""
        2026-01-05 sold 1 KO 2026-02-20 P 58 @ 1.00
        2026-01-05 bought 1 KO 2026-02-20 P 50 @ 0.10
        2026-01-06 bought 100 KO shares @ 61.00 fee 1.00
        2026-01-07 sold 1 KO 2026-01-16 P 60 @ 0.80
        2026-01-16 assigned KO 60 P, 100 shares
        => short 0.00 · long 0.00 · KO 100 basis 6,101.00 since 2026-01-06 · KO 100 basis 5,920.00 since 2026-01-16 · KO 1 2026-02-20 P 50 basis 10.00 since 2026-01-05 · KO -1 2026-02-20 P 58 proceeds 100.00 since 2026-01-05
        2026-02-20 assigned KO 58 P, 100 shares
        2026-02-20 expired KO 50 P
        2026-02-23 sold 3 KO 2026-03-20 C 62 @ 0.50
        2026-03-20 called away KO 62 C, 100 shares fee 0.20
        => short 138.80 · long 0.00 · KO 100 basis 5,920.00 since 2026-01-16 · KO 100 basis 5,700.00 since 2026-02-20 · KO -2 2026-03-20 C 62 proceeds 100.00 since 2026-02-23
    """)  # fmt: skip  # noqa: E501


def test_t46_two_of_five_assigned_take_two_fifths_of_the_premium() -> None:
    check_tax("""
        2026-01-05 sold 5 KO 2026-02-20 P 60 @ 1.00 fee 3.33
        2026-02-03 assigned KO 60 P, 200 shares
        => short 0.00 · long 0.00 · KO 200 basis 11,801.33 since 2026-02-03 · KO -3 2026-02-20 P 60 proceeds 298.00 since 2026-01-05
        2026-02-20 expired KO 60 P
        => short 298.00 · long 0.00 · KO 200 basis 11,801.33 since 2026-02-03
    """)  # fmt: skip  # noqa: E501


def test_t77_partial_fills_of_a_session_are_one_lot_with_all_fees() -> None:
    """300.00 + 160.00 of premium, less 1.98 and 1.32 of fees."""
    tax = check_tax("""
        2026-01-05 sold 3 KO 2026-02-20 P 60 @ 1.00 fee 1.98
        2026-01-05 sold 2 KO 2026-02-20 P 60 @ 0.80 fee 1.32
        2026-01-06 sold 1 KO 2026-02-20 P 60 @ 0.70 fee 0.66
        => short 0.00 · long 0.00 · KO -5 2026-02-20 P 60 proceeds 456.70 since 2026-01-05 · KO -1 2026-02-20 P 60 proceeds 69.34 since 2026-01-06
        2026-02-20 expired KO 60 P
        => short 526.04 · long 0.00
    """)  # fmt: skip  # noqa: E501
    assert [(one.quantity, one.basis_u) for one in tax.closings] == [(5, 0), (1, 0)]


def test_long_options_go_into_what_they_move() -> None:
    """A call bought for 2.00 and exercised at 60 costs 62; a put bought for 1.00 takes 1 off 65."""
    check_tax("""
        2026-01-05 bought 1 KO 2026-02-20 C 60 @ 2.00
        2026-02-20 exercised KO 60 C, 100 shares
        => short 0.00 · long 0.00 · KO 100 basis 6,200.00 since 2026-02-20
        2026-02-23 bought 1 KO 2026-03-20 P 65 @ 1.00
        2026-03-20 exercised KO 65 P, 100 shares
        => short 200.00 · long 0.00
    """)


def test_a_writer_is_short_term_however_long_it_was_open() -> None:
    """IRS Publication 550: expired or bought back, the writer's result is short-term."""
    check_tax("""
        2024-01-05 sold 1 KO 2026-01-16 P 50 @ 4.00
        2026-01-16 expired KO 50 P
        => short 400.00 · long 0.00
    """)


def test_held_over_a_year_is_long_term_and_an_expired_leap_too() -> None:
    check_tax("""
        2024-12-02 bought 100 KO shares @ 60.00
        2024-12-02 bought 1 KO 2026-01-16 P 50 @ 1.00
        2025-12-02 sold 50 KO shares @ 62.00
        => short 100.00 · long 0.00 · KO 50 basis 3,000.00 since 2024-12-02 · KO 1 2026-01-16 P 50 basis 100.00 since 2024-12-02
        2025-12-03 sold 50 KO shares @ 62.00
        => short 100.00 · long 100.00 · KO 1 2026-01-16 P 50 basis 100.00 since 2024-12-02
        2026-01-16 expired KO 50 P
        => short 0.00 · long -100.00
    """)  # fmt: skip  # noqa: E501


def test_t61_a_split_makes_more_of_each_lot_and_keeps_its_money() -> None:
    """3:2 of lots of 33 and 67 shares: 49 and 101, 150 in all; a call has another strike."""
    check_tax("""
        2026-01-05 bought 33 KO shares @ 60.00
        2026-01-06 bought 67 KO shares @ 61.00
        2026-01-07 split KO 3:2
        => short 0.00 · long 0.00 · KO 49 basis 1,980.00 since 2026-01-05 · KO 101 basis 4,087.00 since 2026-01-06
    """)  # fmt: skip  # noqa: E501
    check_tax("""
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-05 sold 1 KO 2026-02-20 C 65 @ 1.00
        2026-01-07 split KO 7:1
        => short 0.00 · long 0.00 · KO 700 basis 6,000.00 since 2026-01-05 · KO -7 2026-02-20 C 9.29 proceeds 100.00 since 2026-01-05
        2026-02-20 called away KO 9.29 C, 700 shares
        => short 603.00 · long 0.00
    """)  # fmt: skip  # noqa: E501


def test_t61_two_sleeves_tell_of_one_split() -> None:
    """Each of 100 shares and of a call of its own: 400 shares and two of each call after 2:1."""
    text = """
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-05 sold 1 KO 2026-02-20 C 65 @ 1.00
        2026-01-07 split KO 2:1
    """
    mirror = [
        msgspec.structs.replace(event, account="main")
        for event in elsewhere(text.replace("65", "66"))
    ]
    lots = [
        (lot.quantity, lot.money_u) for _, _, lot in taxed([*events_of(text), *mirror], 2026).lots
    ]
    assert lots == [(400, -12_000_000_000), (-2, 100_000_000), (-2, 100_000_000)]


def test_shares_sold_short_have_their_proceeds_first() -> None:
    check_tax("""
        2024-01-05 sold 100 KO shares @ 60.00 fee 0.20
        => short 0.00 · long 0.00 · KO -100 proceeds 5,999.80 since 2024-01-05
        2026-01-05 bought 150 KO shares @ 59.00 fee 0.30
        => short 99.60 · long 0.00 · KO 50 basis 2,950.10 since 2026-01-05
    """)


LOTS = """
    2026-01-05 bought 100 KO shares @ 60.00
    2026-01-06 bought 100 KO shares @ 63.00
    2026-01-07 bought 100 KO shares @ 62.00
    2026-06-05 sold 100 KO shares @ 64.00
"""


def test_the_dearest_lot_or_the_one_that_was_named_goes_first() -> None:
    named = specific([Choice(date(2026, 6, 5), "KO", date(2026, 1, 7))])
    found = [taxed(events_of(LOTS), 2026, Treatment(order)) for order in (hifo, named)]
    assert [tax.short_u for tax in (taxed(events_of(LOTS), 2026), *found)] == [
        400_000_000,
        100_000_000,
        200_000_000,
    ]


def test_the_dearest_is_dearest_a_share_not_in_all() -> None:
    """200 at 60 cost more than 100 at 63, but each of them less."""
    text = """
        2026-01-05 bought 200 KO shares @ 60.00
        2026-01-06 bought 100 KO shares @ 63.00
        2026-06-05 sold 100 KO shares @ 64.00
    """
    assert taxed(events_of(text), 2026, Treatment(hifo)).short_u == 100_000_000


def test_a_leg_that_ended_against_another_sleeves_is_assigned_without_a_premium() -> None:
    """One sleeve wrote what another bought: 85 - 80 is realised then, the shares cost the strike.

    Both legs are exercised, the written one first: 6,000 in, 6,000 out.
    """
    text = "2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85\n2026-02-20 assigned KO 60 P, 100 shares"
    mirror = "2026-01-06 bought 1 KO 2026-02-20 P 60 @ 0.80\n"
    mirror += "2026-02-20 exercised KO 60 P, 100 shares"
    other = [msgspec.structs.replace(one, account="main") for one in elsewhere(mirror)]
    tax = taxed([*events_of(text), *other], 2026)
    assert ([one.gain_u for one in tax.closings], tax.lots) == ([5_000_000, 0], ())


def test_what_cannot_be_placed_is_refused_in_a_line() -> None:
    opened, filled = events_of("2026-01-05 bought 100 KO shares @ 60.00")
    with pytest.raises(InputError, match="of sleeve 0; expected one that was opened before it"):
        Lots().take(filled)
    for change in ({"shares": 0}, {"option": "KO    260220P00060000", "quantity": 3}):
        with pytest.raises(InputError, match="expected a quantity, and as many shares a contract"):
            taxed([opened, msgspec.structs.replace(filled, **change)], 2026)
