"""One contract under one key: what stands twice."""

import polars as pl

from market.gates.quotes import MONDAY, gate_of, gates, ground, judge, quotes

CHAIN = quotes([MONDAY])
ORDER = ["date", "root", "right", "expiry", "strike"]


def with_twin(**values: object) -> pl.DataFrame:
    """The chain with its row 10 once more, as row 999, with other values."""
    twin = CHAIN.filter(pl.col("line") == 10).with_columns(
        pl.lit(999, pl.Int64).alias("line"),
        *(pl.lit(value, CHAIN.schema[name]).alias(name) for name, value in values.items()),
    )
    return pl.concat([CHAIN, twin]).sort(ORDER, maintain_order=True)


def test_the_same_row_again_goes_and_the_first_stays() -> None:
    assert gates(with_twin()) == {"repeated": 1}
    assert gate_of(with_twin(), 10) is None


def test_two_quotes_of_one_contract_both_go() -> None:
    twins = with_twin(ask=9.0)
    assert gates(twins) == {"doubled": 2}
    assert gate_of(twins, 10) == gate_of(twins, 999) == "doubled"


def test_the_one_that_is_still_quoted_stays() -> None:
    """As on an expiry: the series of the morning has stopped, the one of the close trades."""
    twins = with_twin(bid=0.0, ask=0.0)
    assert gates(twins) == {"no_quote": 1}
    assert gate_of(twins, 10) is None


def test_roots_keep_contracts_apart() -> None:
    two = pl.concat([CHAIN.with_columns(root=pl.lit(root)) for root in ("SYN", "SYNW")])
    judged = judge(two.with_columns(ask=pl.col("ask") + 0.01).sort(ORDER), ground())
    assert judged.chain["gate"].null_count() == judged.chain.height


def test_parity_does_not_read_what_stands_twice() -> None:
    money = int(CHAIN.filter(right="C", strike=100.0)["line"][0])
    twin = CHAIN.filter(pl.col("line") == money).with_columns(bid=pl.lit(50.0), ask=pl.lit(50.1))
    judged = judge(pl.concat([CHAIN, twin]).sort(ORDER), ground())
    assert judged.days["spot_off"].to_list() == [False]
