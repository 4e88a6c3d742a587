"""Cases of docs/failures.md as ledgers in plain text; each expected book was worked out by hand."""

from book.case_text import check


def test_t43_an_assignment_that_nobody_announced() -> None:
    """60 - 0.85; the broker's own word, the next day, is the same assignment."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
        2026-02-20 inferred assigned KO 60 P, 100 shares
        => cash 14,085.00 · KO 100 shares · breakeven 59.1500 · campaign open
    """)


def test_t45_an_assignment_that_is_told_twice() -> None:
    check("""
        2026-01-05 deposit 40,000.00
        2026-01-05 sold 2 KO 2026-02-20 P 60 @ 0.85
        2026-02-20 assigned KO 60 P, 100 shares #A1
        2026-02-20 assigned KO 60 P, 100 shares #A1
        => cash 34,170.00 · KO 100 shares · KO -1 2026-02-20 P 60 · breakeven 59.1500 · campaign open
        => told twice 5
    """)  # fmt: skip  # noqa: E501


def test_t47_assigned_while_an_order_to_close_works() -> None:
    """One of two is assigned; the order for both fills for what is left and ends no more."""
    check("""
        2026-01-05 deposit 40,000.00
        2026-01-05 sold 2 KO 2026-02-20 P 60 @ 0.85
        2026-02-10 order c1 to close 2 KO 2026-02-20 P 60
        2026-02-10 order c1 acknowledged
        2026-02-11 assigned KO 60 P, 100 shares
        => orders c1 acknowledged
        2026-02-11 bought 1 KO 2026-02-20 P 60 @ 2.00
        2026-02-11 order c1 cancelled
        => cash 33,970.00 · KO 100 shares · breakeven 60.3000 · campaign open
        => orders c1 cancelled
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
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-05 sold 1 KO 2026-03-20 C 60 @ 0.50
        2026-03-12 called away KO 60 C, 100 shares
        2026-03-13 dividend KO 0.51
        => cash 20,050.00 · campaign earned 50.00
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
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 #1
        2026-02-20 expired KO 60 P #2
        => cash 20,085.00 · campaign earned 85.00
    """)


def test_t58_a_special_dividend_lowers_a_strike() -> None:
    """1.24 a share: called away at 60.76 and 124.00 beside, as much as at 62 without it."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-05 sold 1 KO 2026-03-20 C 62 @ 0.50
        2026-02-10 dividend KO 1.24
        2026-02-10 adjusted KO 62 C to 60.76
        => cash 14,174.00 · KO 100 shares · KO -1 2026-03-20 C 60.76 · breakeven 58.7600 · campaign open
        2026-03-20 called away KO 60.76 C, 100 shares
        => cash 20,250.00 · campaign earned 250.00
    """)  # fmt: skip  # noqa: E501


def test_t59_a_root_that_changed_is_held_to_its_end_and_sold_no_more() -> None:
    """The ledger states what is held; whom it tells is the business of what watches it."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 MDU 2026-02-20 P 30 @ 0.85
        2026-01-20 adjusted MDU 30 P to MDU1, 100 shares and 25.00
        => held MDU1 2026-02-20 P 30
        2026-02-20 expired MDU 30 P
        => cash 20,085.00 · campaign earned 85.00
    """)


def test_t60_a_call_is_covered_by_the_twelve_shares_and_the_cash_that_it_delivers() -> None:
    """1 for 8: 100 shares become 12, and 5.00 for the half; none is left when they are called."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 bought 100 SDS shares @ 60.00
        2026-01-05 sold 1 SDS 2026-03-20 C 62 @ 0.50
        2026-02-10 adjusted SDS 62 C to SDS1, 12 shares and 5.00
        2026-02-10 returned SDS 5.00
        2026-02-10 fewer SDS shares 1:8
        => held SDS1 2026-03-20 C 62
        => cash 14,055.00 · SDS 12 shares · SDS -1 2026-03-20 C 62 · breakeven 499.5833 · campaign open
        2026-03-20 delivered SDS 62 C, 12 shares for 6,195.00
        => cash 20,250.00 · campaign earned 250.00
    """)  # fmt: skip  # noqa: E501


def test_t62_a_halted_name_that_never_trades_again() -> None:
    """No quote, no expiry told for a week: the put is assigned all the same, then worth nothing."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 XYZ 2026-02-20 P 20 @ 1.00
        => cash 20,100.00 · XYZ -1 2026-02-20 P 20 · campaign open
        2026-02-27 assigned XYZ 20 P, 100 shares
        => cash 18,100.00 · XYZ 100 shares · breakeven 19.0000 · campaign open
        2026-09-30 ended XYZ for 0.00
        => cash 18,100.00 · campaign earned -1,900.00
    """)


def test_t62_a_ticker_that_changes_and_a_merger_for_cash() -> None:
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-05 sold 1 KO 2026-03-20 C 62 @ 0.50
        2026-02-10 renamed KO to KOX
        => cash 14,050.00 · KOX 100 shares · KOX -1 2026-03-20 C 62 · breakeven 60.0000 · campaign open
        2026-03-20 expired KOX 62 C
        2026-04-10 ended KOX for 6,500.00
        => cash 20,550.00 · campaign earned 550.00
    """)  # fmt: skip  # noqa: E501


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
    """)
