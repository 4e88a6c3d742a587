"""Ledgers of single sleeves, in plain text; each expected book was worked out by hand."""

from datetime import date

from book.ledger_text import check


def test_assignment_sets_the_breakeven_under_the_strike() -> None:
    """STYLE.md's example: 60 - 0.85 + 0.0066."""
    check("""
        2026-01-02 deposit 20,000.00
        2026-01-05 sold   1 KO 2026-02-20 P 60 @ 0.85 fee 0.66
        => cash 20,084.34 · KO -1 2026-02-20 P 60 · campaign open
        2026-02-20 assigned KO 60 P, 100 shares
        => cash 14,084.34 · KO 100 shares · breakeven 59.1566 · campaign open
    """)


def test_t76_the_wheel_cycle_of_domain_4_2_earns_8_56_a_share() -> None:
    """Economic breakeven 91.99 after assignment, 88.44 with every call; 97 - 88.44 = 8.56."""
    book = check("""
        2026-01-02 deposit 20,000.00
        2026-01-05 sold 1 XYZ 2026-01-16 P 95 @ 1.36
        2026-01-14 sold 1 XYZ 2026-02-20 P 94 @ 2.75
        2026-01-14 bought 1 XYZ 2026-01-16 P 95 @ 2.10
        => cash 20,201.00 · XYZ -1 2026-02-20 P 94 · campaign open
        2026-02-20 assigned XYZ 94 P, 100 shares
        => cash 10,801.00 · XYZ 100 shares · breakeven 91.9900 · campaign open
        2026-02-23 sold 1 XYZ 2026-03-20 C 97 @ 1.20
        => cash 10,921.00 · XYZ 100 shares · XYZ -1 2026-03-20 C 97 · breakeven 91.9900 · campaign open
        2026-03-20 expired XYZ 97 C
        => cash 10,921.00 · XYZ 100 shares · breakeven 90.7900 · campaign open
        2026-03-23 sold 1 XYZ 2026-04-17 C 97 @ 0.95
        2026-04-17 expired XYZ 97 C
        => cash 11,016.00 · XYZ 100 shares · breakeven 89.8400 · campaign open
        2026-04-20 sold 1 XYZ 2026-05-15 C 97 @ 1.40
        2026-05-15 called away XYZ 97 C, 100 shares
        => cash 20,856.00 · campaign earned 856.00
    """)  # fmt: skip  # noqa: E501
    (campaign,) = book.campaigns
    assert (campaign.premium_received_u, campaign.premium_paid_u) == (766_000_000, 210_000_000)
    assert (campaign.sold, campaign.assigned, campaign.called_away) == (5, 1, 1)


def test_t48_expired_worthless_leaves_neither_leg_nor_campaign() -> None:
    book = check("""
        2026-01-02 deposit 6,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66
        2026-02-20 expired KO 60 P
        => cash 6,084.34 · campaign earned 84.34
    """)
    assert book.state.sleeves[0].contract.tolist() == [0] * 6


def test_bought_back_in_part_keeps_the_rest_of_the_opening_money() -> None:
    check("""
        2026-01-02 deposit 50,000.00
        2026-01-05 sold 3 KO 2026-02-20 P 60 @ 0.85 fee 1.98
        2026-01-20 bought 1 KO 2026-02-20 P 60 @ 0.40 fee 0.66
        => cash 50,212.36 · KO -2 2026-02-20 P 60 · campaign open
        2026-01-21 bought 2 KO 2026-02-20 P 60 @ 0.30 fee 1.32
        => cash 50,151.04 · campaign earned 151.04
    """)


def test_t46_two_of_five_assigned() -> None:
    book = check("""
        2026-01-02 deposit 50,000.00
        2026-01-05 sold 5 KO 2026-02-20 P 60 @ 1.00
        2026-02-03 assigned KO 60 P, 200 shares
        => cash 38,500.00 · KO 200 shares · KO -3 2026-02-20 P 60 · breakeven 59.0000 · campaign open
        2026-02-20 expired KO 60 P
        => cash 38,500.00 · KO 200 shares · breakeven 57.5000 · campaign open
    """)  # fmt: skip  # noqa: E501
    assert (book.campaigns[0].sold, book.campaigns[0].assigned) == (5, 2)


def test_t76_called_away_in_part_leaves_the_campaign_open() -> None:
    check("""
        2026-01-02 deposit 50,000.00
        2026-01-05 sold 2 KO 2026-01-16 P 60 @ 1.00
        2026-01-16 assigned KO 60 P, 200 shares
        2026-01-20 sold 2 KO 2026-02-20 C 62 @ 0.50
        2026-02-20 called away KO 62 C, 100 shares fee 0.20
        => cash 44,499.80 · KO 100 shares · KO -1 2026-02-20 C 62 · breakeven 55.5020 · campaign open
        2026-02-20 expired KO 62 C
        => cash 44,499.80 · KO 100 shares · breakeven 55.0020 · campaign open
        2026-02-23 sold 100 KO shares @ 61.20 fee 0.17
        => cash 50,619.63 · campaign earned 619.63
    """)  # fmt: skip  # noqa: E501


def test_t51_cash_settlement_pays_the_intrinsic_value_and_moves_no_shares() -> None:
    book = check("""
        2026-01-02 deposit 700,000.00
        2026-01-05 sold 1 SPX 2026-02-20 P 5900 @ 40.00 fee 1.50
        2026-02-20 settled SPX 5900 P at 5,850.25
        => cash 699,023.50 · campaign earned -976.50
    """)
    assert book.campaigns[0].settled_u == -4_975_000_000


def test_t101_a_put_spread_settles_leg_by_leg() -> None:
    check("""
        2026-01-02 deposit 100,000.00
        2026-01-05 sold 1 SPX 2026-02-20 P 5900 @ 40.00
        2026-01-05 bought 1 SPX 2026-02-20 P 5850 @ 30.00
        => cash 101,000.00 · SPX -1 2026-02-20 P 5900 · SPX 1 2026-02-20 P 5850 · campaign open
        2026-02-20 settled SPX 5900 P at 5,800.00
        => cash 91,000.00 · SPX 1 2026-02-20 P 5850 · campaign open
        2026-02-20 settled SPX 5850 P at 5,800.00
        => cash 96,000.00 · campaign earned -4,000.00
    """)


def test_t52_a_long_put_is_exercised_against_the_assigned_shares() -> None:
    book = check("""
        2026-01-02 deposit 20,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 1.00
        2026-01-05 bought 1 KO 2026-02-20 P 55 @ 0.40
        2026-02-02 assigned KO 60 P, 100 shares
        2026-02-20 exercised KO 55 P, 100 shares
        => cash 19,560.00 · campaign earned -440.00
    """)
    assert (book.campaigns[0].assigned, book.campaigns[0].called_away) == (1, 0)


def test_a_long_leg_sold_in_part() -> None:
    book = check("""
        2026-01-02 deposit 20,000.00
        2026-01-05 bought 2 KO 2026-02-20 C 62 @ 1.00
        2026-01-12 sold 1 KO 2026-02-20 C 62 @ 1.50
        => cash 19,950.00 · KO 1 2026-02-20 C 62 · campaign open
    """)
    assert book.campaigns[0].sold == 0


def test_dividends_and_interest_are_income_of_campaign_and_account() -> None:
    book = check("""
        2026-01-02 deposit 20,000.00
        2026-01-05 sold 1 KO 2026-01-16 P 60 @ 1.00
        2026-01-16 assigned KO 60 P, 100 shares
        2026-03-13 dividend KO 0.51
        2026-03-13 interest 12.50
        => cash 14,163.50 · KO 100 shares · breakeven 58.4900 · campaign open
    """)
    assert book.campaigns[0].dividends_u == 51_000_000


def test_two_sleeves_share_one_cash() -> None:
    book = check("""
        2026-01-02 deposit 20,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
        2026-01-05 sold 1 PEP 2026-02-20 P 130 @ 1.85
        => cash 20,270.00 · KO -1 2026-02-20 P 60 · campaign open · PEP -1 2026-02-20 P 130 · campaign open
        2026-01-12 bought 1 KO 2026-02-20 P 60 @ 0.40
        2026-01-12 sold 1 KO 2026-03-20 P 60 @ 1.10
        => cash 20,340.00 · KO -1 2026-03-20 P 60 · campaign open · PEP -1 2026-02-20 P 130 · campaign open
    """)  # fmt: skip  # noqa: E501
    assert [(c.underlying, c.number, c.result_u) for c in book.campaigns] == [
        ("KO", 1, 45_000_000),
        ("PEP", 1, None),
        ("KO", 2, None),
    ]


def test_t61_aapl_splits_seven_for_one_in_june_2014() -> None:
    """A covered call of 650 becomes seven of 92.86; 58,500.66 is now 83.5724 on each of 700 shares.

    Called away for 65,002.00, since the strike went to the nearest cent: -58,500.66 + 999.34 +
    65,002.00.
    """
    book = check("""
        2014-05-12 deposit 60,000.00
        2014-05-12 sold 1 AAPL 2014-05-30 P 590 @ 5.00 fee 0.66
        2014-05-30 assigned AAPL 590 P, 100 shares
        2014-06-03 sold 1 AAPL 2014-07-19 C 650 @ 10.00 fee 0.66
        => cash 2,498.68 · AAPL 100 shares · AAPL -1 2014-07-19 C 650 · breakeven 585.0066 · campaign open
        2014-06-09 split AAPL 7:1
        => cash 2,498.68 · AAPL 700 shares · AAPL -7 2014-07-19 C 92.86 · breakeven 83.5724 · campaign open
        2014-07-18 called away AAPL 92.86 C, 700 shares
        => cash 67,500.68 · campaign earned 7,500.68
    """)  # fmt: skip  # noqa: E501
    (campaign,) = book.campaigns
    assert (campaign.sold, campaign.called_away) == (2, 7)
    assert campaign.splits == ((date(2014, 6, 9), 7, 1),)


def test_t88_a_put_held_through_a_split_is_assigned_at_its_new_strike() -> None:
    """One put of 640 is seven of 91.43: 64,001.00 for 700 shares, 62,801.66 with the premium."""
    book = check("""
        2014-06-02 deposit 70,000.00
        2014-06-03 sold 1 AAPL 2014-06-20 P 640 @ 12.00 fee 0.66
        2014-06-09 split AAPL 7:1
        => cash 71,199.34 · AAPL -7 2014-06-20 P 91.43 · campaign open
        2014-06-16 bought 3 AAPL 2014-06-20 P 91.43 @ 0.50 fee 1.98
        2014-06-20 assigned AAPL 91.43 P, 400 shares
        => cash 34,475.36 · AAPL 400 shares · breakeven 88.8116 · campaign open
        2014-06-23 split AAPL 2:1
        => cash 34,475.36 · AAPL 800 shares · breakeven 44.4058 · campaign open
    """)
    splits = ((date(2014, 6, 9), 7, 1), (date(2014, 6, 23), 2, 1))
    assert [campaign.splits for campaign in book.campaigns] == [splits]


def test_a_split_is_of_one_underlying() -> None:
    check("""
        2014-06-02 deposit 70,000.00
        2014-06-03 sold 1 AAPL 2014-06-20 P 640 @ 12.00
        2014-06-03 sold 1 KO 2014-06-20 P 40 @ 0.30
        2014-06-09 split AAPL 7:1
        => cash 71,230.00 · AAPL -7 2014-06-20 P 91.43 · campaign open · KO -1 2014-06-20 P 40 · campaign open
    """)  # fmt: skip  # noqa: E501
