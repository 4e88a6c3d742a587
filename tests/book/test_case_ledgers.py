"""Assignments of docs/failures.md as ledgers in plain text.

Each expected book was worked out by hand; where a sum is not plain, it stands above it.
"""

from book.case_text import check


def test_t43_an_assignment_that_nobody_announced() -> None:
    """60 - 0.85.  The put is gone and 100 shares came at its strike; the broker tells it later."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
        | 2026-02-20 holds 14,085.00, 100 KO
        => breaks missing event: an assignment that nobody announced
        => says Assigned 1 KO 2026-02-20 P 60, 100 shares
        => cash 14,085.00 · KO 100 shares · breakeven 59.1500 · campaign open
        | 2026-02-20 assigned 1 KO 2026-02-20 P 60
        | 2026-02-23 came 100 KO shares @ 60.00
        => told twice 5
        => cash 14,085.00 · KO 100 shares · breakeven 59.1500 · campaign open
        | 2026-02-20 assigned 1 KO 2026-02-20 P 60
        | 2026-02-23 came 100 KO shares @ 60.00
        | 2026-02-23 holds 14,085.00, 100 KO
        => breaks none
    """)


def test_t43_an_inferred_assignment_is_told_by_the_desk_and_then_by_a_statement() -> None:
    """Of two puts one is assigned: told three ways, it is one; a second one is another."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 2 KO 2026-02-20 P 60 @ 0.85
        2026-02-11 inferred assigned KO 60 P, 100 shares
        2026-02-12 assigned KO 60 P, 100 shares #OPASN-7
        => told twice 5
        => cash 14,170.00 · KO 100 shares · KO -1 2026-02-20 P 60 · breakeven 59.1500 · campaign open
        | 2026-02-11 assigned 1 KO 2026-02-20 P 60 ~OPASN-7
        => booked 0
        | 2026-02-11 assigned 1 KO 2026-02-20 P 60 ~OPASN-8
        => cash 8,170.00 · KO 200 shares · breakeven 59.1500 · campaign open
    """)  # fmt: skip  # noqa: E501


def test_t44_shares_come_after_their_assignment_and_before_it() -> None:
    """60 - 0.85 + 0.0066; while the put is open, its premium lowers nothing: 60."""
    check("""
        2026-01-05 deposit 20,000.00
        | 2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66
        | 2026-02-20 assigned 1 KO 2026-02-20 P 60
        => cash 14,084.34 · KO 100 shares · breakeven 59.1566 · campaign open
        | 2026-02-20 assigned 1 KO 2026-02-20 P 60
        | 2026-02-23 came 100 KO shares @ 60.00
        => booked 0
        => cash 14,084.34 · KO 100 shares · breakeven 59.1566 · campaign open
    """)
    check("""
        2026-01-05 deposit 20,000.00
        | 2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66
        | 2026-02-20 came 100 KO shares @ 60.00
        => cash 14,084.34 · KO 100 shares · KO -1 2026-02-20 P 60 · breakeven 60.0000 · campaign open
        | 2026-02-20 came 100 KO shares @ 60.00
        | 2026-02-23 assigned 1 KO 2026-02-20 P 60
        => cash 14,084.34 · KO 100 shares · breakeven 59.1566 · campaign open
    """)  # fmt: skip  # noqa: E501


def test_t44_an_assignment_that_is_announced_after_its_shares_were_seen_is_the_same() -> None:
    """Only once: when the next put is assigned, that is 100 shares more."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66 #1
        2026-02-20 inferred assigned KO 60 P, 100 shares #seen-1
        => cash 14,084.34 · KO 100 shares · breakeven 59.1566 · campaign open
        | 2026-02-20 assigned 1 KO 2026-02-20 P 60 #OPASN-7
        => told twice 5
        => cash 14,084.34 · KO 100 shares · breakeven 59.1566 · campaign open
        2026-02-23 sold 1 KO 2026-03-20 P 58 @ 0.80 #2
        2026-03-20 assigned KO 58 P, 100 shares #OPASN-8
        => cash 8,364.34 · KO 200 shares · breakeven 58.1783 · campaign open
    """)


def test_t45_an_assignment_that_is_told_twice() -> None:
    """By its id it is one, though a second put is there to be assigned."""
    check("""
        2026-01-05 deposit 40,000.00
        2026-01-05 sold 2 KO 2026-02-20 P 60 @ 0.85
        2026-02-20 assigned KO 60 P, 100 shares #A1
        2026-02-20 assigned KO 60 P, 100 shares #A1
        => cash 34,170.00 · KO 100 shares · KO -1 2026-02-20 P 60 · breakeven 59.1500 · campaign open
        => told twice 5
        | 2026-02-20 assigned 1 KO 2026-02-20 P 60 ~A1
        | 2026-02-23 came 100 KO shares @ 60.00
        => booked 0
    """)  # fmt: skip  # noqa: E501


def test_t45_an_assignment_of_another_id_is_refused_where_nothing_is_left_to_assign() -> None:
    check("""
        2026-01-05 deposit 40,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
        2026-02-20 assigned KO 60 P, 100 shares #A1
        | 2026-02-20 assigned 1 KO 2026-02-20 P 60 ~A2
        => refused expected at most the 0 of KO 2026-02-20 P 60 that account 'main' holds
        => cash 34,085.00 · KO 100 shares · breakeven 59.1500 · campaign open
    """)


def test_t45_what_was_recorded_by_hand_is_told_by_a_statement() -> None:
    """One of two puts is assigned, one expires; the statement adds the fee of the shares, 5.00."""
    check("""
        2026-01-05 deposit 40,000.00
        2026-01-05 by hand sold 2 KO 2026-02-20 P 60 @ 0.85 #hand-3
        2026-02-20 by hand assigned KO 60 P, 100 shares #hand-4
        => cash 34,170.00 · KO 100 shares · KO -1 2026-02-20 P 60 · breakeven 59.1500 · campaign open
        | 2026-01-05 sold 2 KO 2026-02-20 P 60 @ 0.85
        | 2026-02-20 assigned 1 KO 2026-02-20 P 60
        | 2026-02-23 came 100 KO shares @ 60.00 fee 5.00
        => cash 34,165.00 · KO 100 shares · KO -1 2026-02-20 P 60 · breakeven 59.2000 · campaign open
        2026-02-20 by hand expired KO 60 P #hand-7
        | 2026-02-20 assigned 1 KO 2026-02-20 P 60
        | 2026-02-23 came 100 KO shares @ 60.00 fee 5.00
        | 2026-02-20 expired 1 KO 2026-02-20 P 60
        => cash 34,165.00 · KO 100 shares · breakeven 58.3500 · campaign open
        | 2026-02-20 expired 1 KO 2026-02-20 P 60
        | 2026-02-23 holds 34,165.00, 100 KO
        => breaks none
    """)  # fmt: skip  # noqa: E501


def test_t46_two_of_five_are_assigned_and_three_expire() -> None:
    """Of the 500.00, 200.00 are in the shares at once and the rest when it is earned."""
    check("""
        2026-01-05 deposit 50,000.00
        2026-01-05 sold 5 KO 2026-02-20 P 60 @ 1.00
        => secured 30,000.00
        | 2026-02-03 assigned 2 KO 2026-02-20 P 60
        | 2026-02-04 came 200 KO shares @ 60.00
        => cash 38,500.00 · KO 200 shares · KO -3 2026-02-20 P 60 · breakeven 59.0000 · campaign open
        => secured 18,000.00
        2026-02-20 expired KO 60 P
        => cash 38,500.00 · KO 200 shares · breakeven 57.5000 · campaign open
        => secured 0.00
        => taxed short 300.00 · long 0.00 · KO 200 basis 11,800.00 since 2026-02-03
    """)  # fmt: skip  # noqa: E501


def test_t47_assigned_while_an_order_to_close_works() -> None:
    """One of two is assigned; the order for both fills for what is left and ends no more.

    While it lives no second one goes out beside it.
    """
    check("""
        2026-01-05 deposit 40,000.00
        2026-01-05 sold 2 KO 2026-02-20 P 60 @ 0.85
        2026-02-10 order c1 to close 2 KO 2026-02-20 P 60
        2026-02-10 order c1 acknowledged
        2026-02-11 assigned KO 60 P, 100 shares
        => orders c1 acknowledged
        2026-02-11 bought 1 KO 2026-02-20 P 60 @ 2.00 by c1
        2026-02-11 order c1 cancelled
        => cash 33,970.00 · KO 100 shares · breakeven 60.3000 · campaign open
        => orders c1 cancelled
    """)
    check("""
        2026-01-05 deposit 40,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
        2026-02-10 order c1 to close 1 KO 2026-02-20 P 60
        2026-02-10 order c1 unknown
        2026-02-11 assigned KO 60 P, 100 shares
        => cash 34,085.00 · KO 100 shares · breakeven 59.1500 · campaign open
        2026-02-11 order c2 to close 1 KO 2026-02-20 P 60
        => refused no live order of sleeve 0
        => orders c1 unknown
    """)


def test_t47_assigned_while_a_roll_works() -> None:
    """Of a roll of two one is assigned: one is rolled, and the other neither bought nor sold anew.

    Cash 40,170 - 6,000 + 240 - 300; the shares cost 60 - 0.85 - 0.85 + 3.00, the new put being open.
    """  # noqa: E501
    check("""
        2026-01-05 deposit 40,000.00
        2026-01-05 sold 2 KO 2026-02-20 P 60 @ 0.85
        2026-02-10 order c1 to roll 2 KO 2026-02-20 P 60 and -2 KO 2026-03-20 P 58
        2026-02-10 order c1 acknowledged
        2026-02-11 assigned KO 60 P, 100 shares
        => orders c1 acknowledged
        2026-02-11 sold 1 KO 2026-03-20 P 58 @ 2.40 by c1
        2026-02-11 bought 1 KO 2026-02-20 P 60 @ 3.00 by c1
        2026-02-11 moved KO 58 P
        2026-02-11 order c1 cancelled
        => orders c1 cancelled
        => cash 34,110.00 · KO 100 shares · KO -1 2026-03-20 P 58 · breakeven 61.3000 · campaign open
        => secured 5,800.00
    """)  # fmt: skip  # noqa: E501


def test_t47_a_roll_whose_only_put_is_assigned_is_cancelled_and_sells_nothing() -> None:
    check("""
        2026-01-05 deposit 40,000.00
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
        2026-02-10 order c1 to roll 1 KO 2026-02-20 P 60 and -1 KO 2026-03-20 P 58
        2026-02-10 order c1 acknowledged
        2026-02-11 assigned KO 60 P, 100 shares
        => orders c1 acknowledged
        2026-02-11 order c1 cancelled
        => orders c1 cancelled
        => cash 34,085.00 · KO 100 shares · breakeven 59.1500 · campaign open
        => secured 0.00
    """)


def test_t56_an_assignment_beyond_the_cash_is_booked_and_owed() -> None:
    """20,400 of cash for 24,000 of shares."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 4 KO 2026-02-20 P 60 @ 1.00
        => secured 24,000.00
        2026-02-20 assigned KO 60 P, 400 shares
        => cash -3,600.00 · KO 400 shares · breakeven 59.0000 · campaign open
        => secured 0.00
        2026-02-23 sold 100 KO shares @ 58.00
        => cash 2,200.00 · KO 300 shares · breakeven 59.3333 · campaign open
    """)


def test_t57_assignments_without_a_price_or_their_shares_are_at_the_strike() -> None:
    """The put's row has no price, the call's no sale: 100 for 60.00, then 100 for 62.00."""
    check("""
        2026-01-05 deposit 20,000.00
        | 2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85
        | 2026-02-20 assigned 1 KO 2026-02-20 P 60
        => says Assigned 1 KO 2026-02-20 P 60, 100 shares
        => cash 14,085.00 · KO 100 shares · breakeven 59.1500 · campaign open
        | 2026-02-23 sold 1 KO 2026-03-20 C 62 @ 0.50
        | 2026-03-20 called away 1 KO 2026-03-20 C 62
        => says Called away 1 KO 2026-03-20 C 62, 100 shares
        => cash 20,335.00 · campaign earned 335.00
    """)


def test_t16_a_fill_of_an_order_that_was_cancelled_is_a_fill() -> None:
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 order c1 to open -1 KO 2026-02-20 P 60
        2026-01-05 order c1 cancelled
        2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 by c1
        => cash 20,085.00 · KO -1 2026-02-20 P 60 · campaign open
        => orders c1 cancelled
    """)


def test_t45_an_end_recorded_by_hand_is_no_break_but_for_its_fee() -> None:
    """The same assignment: first as it was typed, then with the 5.00 that its broker took."""
    check("""
        2026-01-05 deposit 40,000.00
        2026-01-05 by hand sold 1 KO 2026-02-20 P 60 @ 0.85 #hand-3
        2026-02-20 by hand assigned KO 60 P, 100 shares #hand-4
        | 2026-02-20 assigned 1 KO 2026-02-20 P 60
        | 2026-02-20 holds 34,085.00, 100 KO
        => breaks none
        | 2026-02-20 assigned 1 KO 2026-02-20 P 60
        | 2026-02-23 came 100 KO shares @ 60.00 fee 5.00
        | 2026-02-23 holds 34,080.00, 100 KO
        => breaks price: an assignment that was told before its price or fee was
        => cash 34,080.00 · KO 100 shares · breakeven 59.2000 · campaign open
    """)
