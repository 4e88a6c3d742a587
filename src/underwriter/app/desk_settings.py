"""[desk] of the settings: the broker, how orders go out, and the guards around them."""

from typing import Literal

from underwriter.app.strict import Strict, key


class DeskTable(Strict):
    """[desk]: what `trade` runs by."""

    broker: Literal["paper", "alpaca"] = key('"paper" or "alpaca"', "paper")
    live: bool = key("true or false", default=False)
    quotes: Literal["lake", "alpaca"] = key('"lake" or "alpaca"', "lake")
    option_feed: Literal["opra", "indicative"] = key('"opra" or "indicative"', "opra")
    share_feed: Literal["sip", "iex", "delayed_sip"] = key('"sip", "iex" or "delayed_sip"', "sip")
    approve: Literal["always", "entries", "never"] = key('"always", "entries" or "never"', "never")
    rungs: int = key("a whole number from 1 to 20", 5, ge=1, le=20)
    every: int = key("seconds, from 5 to 3600", 60, ge=5, le=3600)
    attempts: int = key("a whole number from 1 to 200", 20, ge=1, le=200)
    stale: int = key("seconds, from 1 to 7200", 60, ge=1, le=7200)
    orders: int = key("a whole number from 1 to 10000", 50, ge=1, le=10_000)
    daily_loss: float = key(
        "share of the last evening's equity, from 0 (none) to under 1", 0.0, ge=0.0, lt=1.0
    )
    drawdown: float = key("share of the peak, from 0 (none) to under 1", 0.0, ge=0.0, lt=1.0)
    widest: float = key("share of the middle, from 0 (none) to 2", 0.0, ge=0.0, le=2.0)
    band: float = key("share of our own mark, from 0 (none) to 10", 0.0, ge=0.0, le=10.0)
