"""Corporate actions of docs/failures.md as ledgers in plain text.

Each expected book was worked out by hand; where a sum is not plain, it stands above it.
"""

from book.case_text import check


def test_t58_a_special_dividend_lowers_a_strike_from_62_to_60_76() -> None:
    """1.24 a share: called away at 60.76 and 124.00 beside, as much as at 62 without it.

    Taxed are 6,076 + 50 - 6,000; the dividend is taxed apart.
    """
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-05 sold 1 KO 2026-03-20 C 62 @ 0.50
        2026-02-10 dividend KO 1.24
        2026-02-10 adjusted KO 62 C to 60.76
        => cash 14,174.00 · KO 100 shares · KO -1 2026-03-20 C 60.76 · breakeven 58.7600 · campaign open
        => covered 1
        2026-03-20 called away KO 60.76 C, 100 shares
        => cash 20,250.00 · campaign earned 250.00
        => taxed short 126.00 · long 0.00
    """)  # fmt: skip  # noqa: E501


def test_t59_a_root_that_changed_is_held_to_its_end_and_sold_no_more() -> None:
    """The broker's statement has it by the same name; to write another of it is refused."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 MDU 2026-02-20 P 30 @ 0.85
        2026-01-20 adjusted MDU 30 P to MDU1, 100 shares and 25.00
        => held MDU1 2026-02-20 P 30
        => says Adjusted MDU 2026-02-20 P 30, now MDU1 2026-02-20 P 30: by the OCC
        | 2026-01-20 holds 20,085.00, -1 MDU1 2026-02-20 P 30
        => breaks none
        2026-02-20 expired MDU 30 P
        => cash 20,085.00 · campaign earned 85.00
        2026-02-23 wrote 1 MDU1 2026-03-20 P 30 @ 0.50 on MDU
        => refused root 'MDU1' is adjusted
        => held
    """)


def test_t59_a_root_that_changed_unseen_is_told_and_nothing_is_guessed() -> None:
    """The book has MDU, the statement MDU1: both are breaks, and neither is mended."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 MDU 2026-02-20 P 30 @ 0.85
        | 2026-01-20 holds 20,085.00, -1 MDU1 2026-02-20 P 30
        => breaks quantity: an adjusted root: hold it to its end, sell nothing on it · unknown position: an adjusted root
        => booked 0
        => held MDU 2026-02-20 P 30
    """)  # fmt: skip  # noqa: E501


def test_t60_a_call_is_covered_by_the_twelve_shares_and_the_cash_that_it_delivers() -> None:
    """1 for 8: 100 shares become 12, and 5.00 for the half; none is left when they are called."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 bought 100 SDS shares @ 60.00
        2026-01-05 sold 1 SDS 2026-03-20 C 62 @ 0.50
        => covered 1
        2026-02-10 adjusted SDS 62 C to SDS1, 12 shares and 5.00
        2026-02-10 returned SDS 5.00
        2026-02-10 fewer SDS shares 1:8
        => held SDS1 2026-03-20 C 62
        => covered 1
        => secured 0.00
        => cash 14,055.00 · SDS 12 shares · SDS -1 2026-03-20 C 62 · breakeven 499.5833 · campaign open
        2026-03-20 delivered SDS 62 C, 12 shares for 6,195.00
        => cash 20,250.00 · campaign earned 250.00
        => taxed short 250.00 · long 0.00
    """)  # fmt: skip  # noqa: E501


def test_t60_cover_is_counted_by_the_deliverable_and_not_by_hundreds() -> None:
    """Three calls and 300 shares, 1 for 8: 37 shares are three times 12; of 30 two, of 11 none.

    A call without cover ties up its strike, 6,200.
    """
    check("""
        2026-01-05 deposit 50,000.00
        2026-01-05 bought 300 SDS shares @ 60.00
        2026-01-05 sold 3 SDS 2026-03-20 C 62 @ 0.50
        => covered 3
        2026-02-10 adjusted SDS 62 C to SDS1, 12 shares and 5.00
        2026-02-10 returned SDS 5.00
        2026-02-10 fewer SDS shares 1:8
        => covered 3
        2026-02-11 sold 7 SDS shares @ 480.00
        => covered 2
        => secured 6,200.00
        2026-02-12 sold 19 SDS shares @ 480.00
        => covered 0
        => secured 18,600.00
    """)


def test_t61_basis_and_premium_go_through_a_split() -> None:
    """2:1 with 100 shares for 5,915 and a call for 100: 29.575, and two calls with 50 each.

    One of the two is bought back for 20: 30 of its 50 are earned.
    """
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 sold 1 KO 2026-01-16 P 60 @ 0.85
        2026-01-16 assigned KO 60 P, 100 shares
        2026-01-20 sold 1 KO 2026-03-20 C 62 @ 1.00
        2026-02-02 split KO 2:1
        => cash 14,185.00 · KO 200 shares · KO -2 2026-03-20 C 31 · breakeven 29.5750 · campaign open
        => taxed short 0.00 · long 0.00 · KO 200 basis 5,915.00 since 2026-01-16 · KO -2 2026-03-20 C 31 proceeds 100.00 since 2026-01-20
        2026-02-03 bought 1 KO 2026-03-20 C 31 @ 0.20
        => cash 14,165.00 · KO 200 shares · KO -1 2026-03-20 C 31 · breakeven 29.4250 · campaign open
        2026-03-20 called away KO 31 C, 100 shares
        => cash 17,265.00 · KO 100 shares · breakeven 27.3500 · campaign open
        => taxed short 222.50 · long 0.00 · KO 100 basis 2,957.50 since 2026-01-16
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
        => taxed short -1,900.00 · long 0.00
    """)


def test_t62_a_ticker_that_changes_goes_on_with_its_campaign_and_its_lots() -> None:
    """Called away under its new name: 200 of gain and 50 of premium; what is left is taken over."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 bought 200 KO shares @ 60.00
        2026-01-05 sold 1 KO 2026-03-20 C 62 @ 0.50
        2026-02-10 renamed KO to KOX
        => held KOX 2026-03-20 C 62
        => cash 8,050.00 · KOX 200 shares · KOX -1 2026-03-20 C 62 · breakeven 60.0000 · campaign open
        2026-03-20 called away KOX 62 C, 100 shares
        => cash 14,250.00 · KOX 100 shares · breakeven 57.5000 · campaign open
        => taxed short 250.00 · long 0.00 · KOX 100 basis 6,000.00 since 2026-01-05
        2026-04-10 ended KOX for 6,500.00
        => cash 20,750.00 · campaign earned 750.00
        => taxed short 750.00 · long 0.00
    """)  # fmt: skip  # noqa: E501


def test_t62_a_merger_for_cash_ends_shares_and_calls() -> None:
    """65 a share; the call of 62 is worth 3 and ends so: 500 + 50 - 300."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 bought 100 KO shares @ 60.00
        2026-01-05 sold 1 KO 2026-03-20 C 62 @ 0.50
        2026-02-10 ended KO for 6,500.00
        2026-02-10 adjusted KO 62 C to KO1, 0 shares and 6,500.00
        => held KO1 2026-03-20 C 62
        2026-02-10 ended KO 62 C for -300.00
        => cash 20,250.00 · campaign earned 250.00
        => taxed short 250.00 · long 0.00
    """)


def test_t62_a_merger_for_shares_and_cash_keeps_what_they_cost() -> None:
    """Two for five and 3.00 a share: 100 become 40 that cost 6,000 - 300."""
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 bought 100 KO shares @ 60.00
        2026-02-10 renamed KO to PEP
        2026-02-10 returned PEP 300.00
        2026-02-10 fewer PEP shares 2:5
        => cash 14,300.00 · PEP 40 shares · breakeven 142.5000 · campaign open
        => taxed short 0.00 · long 0.00 · PEP 40 basis 5,700.00 since 2026-01-05
    """)


def test_t62_what_is_spun_off_takes_its_part_of_the_basis_and_the_day() -> None:
    check("""
        2026-01-05 deposit 20,000.00
        2026-01-05 bought 100 KO shares @ 60.00
        2026-02-20 spun off 10 PEP shares for 600.00 of KO since 2026-01-05
        => cash 14,000.00 · KO 100 shares · breakeven 54.0000 · campaign open · PEP 10 shares · breakeven 60.0000 · campaign open
        => taxed short 0.00 · long 0.00 · KO 100 basis 5,400.00 since 2026-01-05 · PEP 10 basis 600.00 since 2026-01-05
    """)  # fmt: skip  # noqa: E501


def test_t63_a_class_of_shares_goes_by_one_name_however_it_is_written() -> None:
    """BRK/B, BRK.B, and BRKB of its options: 400 - 8.50."""
    check("""
        2026-01-05 deposit 50,000.00
        | 2026-01-05 sold 1 BRK/B 2026-02-20 P 400 @ 8.50
        => held BRKB 2026-02-20 P 400
        | 2026-02-20 assigned 1 BRK.B 2026-02-20 P 400
        | 2026-02-23 came 100 BRK/B shares @ 400.00
        => cash 10,850.00 · BRK.B 100 shares · breakeven 391.5000 · campaign open
        | 2026-02-24 sold 100 BRK.B shares @ 395.00
        | 2026-02-24 holds 50,350.00
        => breaks missing event: a late fill
        => cash 50,350.00 · campaign earned 350.00
    """)


def test_t63_a_root_with_a_digit_is_another_contract_and_what_it_delivers_is_not_guessed() -> None:
    """XYZ and XYZ1 of one strike and day are two; of XYZ1 the shares have to be told."""
    check("""
        2026-01-05 deposit 20,000.00
        | 2026-01-05 sold 1 XYZ 2026-02-20 P 20 @ 1.00
        | 2026-01-05 sold 1 XYZ1 2026-02-20 P 20 @ 0.40
        => held XYZ 2026-02-20 P 20 · XYZ1 2026-02-20 P 20
        | 2026-02-20 assigned 1 XYZ1 2026-02-20 P 20
        => left an adjusted contract, of which the shares are not told
        => held XYZ 2026-02-20 P 20 · XYZ1 2026-02-20 P 20
        | 2026-02-20 expired 1 XYZ 2026-02-20 P 20
        => held XYZ1 2026-02-20 P 20
    """)
