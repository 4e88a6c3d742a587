"""Expiry, settlement and exercise of docs/failures.md as ledgers in plain text.

Each expected book was worked out by hand; where a sum is not plain, it stands above it.
"""

from book.case_text import check


def test_t48_what_expires_worthless_leaves_neither_leg_nor_collateral_nor_campaign() -> None:
    """Told by its broker, or seen to be gone after its day and told later."""
    check("""
        2026-01-05 deposit 6,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66
        => secured 6,000.00
        2026-02-20 expired KO 60 P
        => held
        => secured 0.00
        => cash 6,084.34 · campaign earned 84.34
    """)
    check("""
        2026-01-05 deposit 6,000.00
        | 2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66
        => secured 6,000.00
        | 2026-02-20 holds 6,084.34
        => breaks missing event: an expiry that nobody announced
        => secured 0.00
        => cash 6,084.34 · campaign earned 84.34
        | 2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66
        | 2026-02-20 expired 1 KO 2026-02-20 P 60
        => cash 6,084.34 · campaign earned 84.34
        | 2026-02-20 expired 1 KO 2026-02-20 P 60
        => booked 0
    """)


def test_t49_a_contract_that_nobody_lists_any_more_is_known_and_can_be_put_right() -> None:
    """Half a year after its expiry, with no quote of it anywhere."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 #1
        2026-02-20 expired KO 60 P #2
        => says Expired 1 KO 2026-02-20 P 60
        => taxed short 85.00 · long 0.00
        2026-09-01 busted 2
        => held KO 2026-02-20 P 60
        | 2026-02-20 assigned 1 KO 2026-02-20 P 60
        => says Assigned 1 KO 2026-02-20 P 60, 100 shares
        => cash 14,085.00 · KO 100 shares · breakeven 59.1500 · campaign open
        => taxed short 0.00 · long 0.00 · KO 100 basis 5,915.00 since 2026-02-20
    """)


def test_t50_t51_a_cash_settled_put_costs_its_intrinsic_value_whatever_it_traded_at_last() -> None:
    """Last traded at 12.00, settled 50.00 in the money: 40 - 50, and not 40 - 12."""
    check("""
        2026-01-05 deposit 700,000.00
        2026-01-05 sold 1 SPX 2026-02-20 P 5900 @ 40.00
        2026-02-19 sold 1 SPX 2026-03-20 P 5700 @ 12.00
        2026-02-19 bought 1 SPX 2026-03-20 P 5700 @ 12.00
        | 2026-02-20 settled 1 SPX 2026-02-20 P 5900 for -5,000.00
        => says Settled 1 SPX 2026-02-20 P 5900 at 5850.00
        => cash 699,000.00 · campaign earned -1,000.00
        => secured 0.00
    """)


def test_t51_one_option_delivers_shares_and_the_other_cash() -> None:
    """Both 1 in the money: 100 shares at 60, worth 59 then; and 100.00 of cash, no share."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
        2026-01-05 sold 1 XSP 2026-02-20 P 90 @ 0.85
        => secured 15,000.00
        2026-02-20 assigned KO 60 P, 100 shares
        2026-02-20 settled XSP 90 P at 89.00
        => cash 14,070.00 · KO 100 shares · breakeven 59.1500 · campaign open · campaign earned -15.00
        => secured 0.00
    """)  # fmt: skip  # noqa: E501


def test_t52_the_short_put_of_a_spread_is_assigned_early_and_the_long_one_exercised() -> None:
    """1,000 secures 500 of width, and 4,940 are owed for shares until the long put brings 5,500."""
    check("""
        2026-01-05 deposit 1,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 1.00
        2026-01-05 bought 1 KO 2026-02-20 P 55 @ 0.40
        => secured 500.00
        2026-02-02 assigned KO 60 P, 100 shares
        => cash -4,940.00 · KO 100 shares · KO 1 2026-02-20 P 55 · breakeven 59.0000 · campaign open
        => secured 0.00
        2026-02-03 exercised KO 55 P, 100 shares
        => cash 560.00 · campaign earned -440.00
    """)  # fmt: skip


def test_t52_or_the_shares_and_the_long_put_are_sold() -> None:
    """5,400 and 130: thirty better than to exercise, since the put has time in it."""
    check("""
        2026-01-05 deposit 1,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 1.00
        2026-01-05 bought 1 KO 2026-02-20 P 55 @ 0.40
        2026-02-02 assigned KO 60 P, 100 shares
        2026-02-03 sold 100 KO shares @ 54.00
        2026-02-03 sold 1 KO 2026-02-20 P 55 @ 1.30
        => cash 590.00 · campaign earned -410.00
    """)


def test_t53_a_call_bought_back_the_day_before_leaves_the_dividend() -> None:
    """Extrinsic 0.15 under a dividend of 0.51: 50 - 315 + 51 on shares that cost 6,000."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-05 sold 1 KO 2026-03-20 C 60 @ 0.50
        2026-03-12 bought 1 KO 2026-03-20 C 60 @ 3.15
        2026-03-13 dividend KO 0.51
        => cash 13,786.00 · KO 100 shares · breakeven 62.1400 · campaign open
    """)


def test_t53_a_call_assigned_on_the_eve_takes_the_shares_and_the_dividend() -> None:
    """Called the day after, the dividend stays, and is the campaign's though it is paid later."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-05 sold 1 KO 2026-03-20 C 60 @ 0.50
        2026-03-12 called away KO 60 C, 100 shares
        2026-03-13 dividend KO 0.51
        => cash 20,050.00 · campaign earned 50.00
    """)
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-05 sold 1 KO 2026-03-20 C 60 @ 0.50
        2026-03-16 called away KO 60 C, 100 shares
        2026-04-01 dividend KO 0.51 on 100 shares
        => cash 20,101.00 · campaign earned 101.00
    """)


def test_t54_a_broker_that_closes_at_the_strike_before_our_order_does() -> None:
    """Its fill names no order of ours: ours goes on until it is cancelled, and ends nothing."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
        2026-02-20 order c1 to close 1 KO 2026-02-20 P 60
        2026-02-20 order c1 acknowledged
        2026-02-20 bought 1 KO 2026-02-20 P 60 @ 0.10 fee 25.00
        => cash 20,050.00 · campaign earned 50.00
        => orders c1 acknowledged
        2026-02-20 order c1 cancelled
        => orders c1 cancelled
    """)


def test_t55_shares_that_appear_though_the_put_was_out_of_the_money_at_the_close() -> None:
    """The close was 60.05, and after hours it was exercised: its expiry is taken back."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66 #1
        2026-02-20 expired KO 60 P #2
        => cash 20,084.34 · campaign earned 84.34
        | 2026-02-20 assigned 1 KO 2026-02-20 P 60
        | 2026-02-20 came 100 KO shares @ 60.00
        => cash 14,084.34 · KO 100 shares · breakeven 59.1566 · campaign open
        => taxed short 0.00 · long 0.00 · KO 100 basis 5,915.66 since 2026-02-20
    """)


def test_t55_the_shares_alone_tell_it_where_no_row_does() -> None:
    """The put that had expired is the one whose shares are there; told later, that is the same."""
    check("""
        2026-01-05 deposit 20,000.00
        | 2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66
        | 2026-02-20 expired 1 KO 2026-02-20 P 60
        => cash 20,084.34 · campaign earned 84.34
        | 2026-02-23 holds 14,084.34, 100 KO
        => breaks missing event: exercised against the close
        => cash 14,084.34 · KO 100 shares · breakeven 59.1566 · campaign open
        | 2026-02-20 expired 1 KO 2026-02-20 P 60
        | 2026-02-23 assigned 1 KO 2026-02-20 P 60
        | 2026-02-23 came 100 KO shares @ 60.00
        => cash 14,084.34 · KO 100 shares · breakeven 59.1566 · campaign open
    """)


def test_t55_an_expiry_that_its_broker_told_stands_while_no_shares_come() -> None:
    """An assignment alone is refused; shares that are others, or come weeks after, are not its."""
    check("""
        2026-01-05 deposit 20,000.00
        | 2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
        | 2026-02-20 expired 1 KO 2026-02-20 P 60
        => cash 20,085.00 · campaign earned 85.00
        | 2026-02-20 assigned 1 KO 2026-02-20 P 60 ~A9
        => refused expected at most the 0 of KO 2026-02-20 P 60
        | 2026-02-20 holds 20,085.00, 50 KO
        => breaks unknown position: came from outside
        | 2026-03-20 holds 14,085.00, 100 KO
        => breaks unknown position: came from outside · cash: a fee of no trade
    """)
