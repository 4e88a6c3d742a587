"""The same year at Alpaca, of our own making; fills have no fees, which are a row of their own."""

import json


def fill(
    number: int, at: str, side: str, symbol: str, qty: str, price: str, *, partial: bool = False
) -> dict[str, str]:
    """A fill, whole or partial."""
    return {
        "id": f"{at[:10].replace('-', '')}000000000::{number:08d}",
        "activity_type": "FILL",
        "transaction_time": at,
        "type": "partial_fill" if partial else "fill",
        "price": price,
        "qty": qty,
        "side": side,
        "symbol": symbol,
        "order_id": f"order-{at[:10]}",
    }


def other(
    number: int, code: str, day: str, net: str, symbol: str = "", qty: str = "", **more: str
) -> dict[str, str]:
    """An activity that is no trade."""
    told = {"id": f"{day.replace('-', '')}::{number:08d}", "activity_type": code, "date": day}
    told |= {"net_amount": net, "status": "executed", **more}
    return told | ({"symbol": symbol} if symbol else {}) | ({"qty": qty} if qty else {})


ROWS = [
    other(31, "FEE", "2026-08-04", "-0.45", description="ORF and OCC fees"),
    other(30, "INT", "2026-08-03", "1.23"),
    other(29, "OPEXP", "2026-07-17", "0", "XYZ260717P00020000", "3"),
    other(28, "OPTRD", "2026-07-08", "-4000", "XYZ", "200", price="20"),
    other(28, "OPASN", "2026-07-08", "0", "XYZ260717P00020000", "2"),
    fill(27, "2026-06-22T14:00:01.5Z", "sell", "XYZ260717P00020000", "3", "0.50"),
    fill(26, "2026-06-22T14:00:00.5Z", "sell", "XYZ260717P00020000", "2", "0.50", partial=True),
    other(25, "OPCA", "2026-05-19", "0", "JD260918P00060760", "-1"),
    other(24, "OPCA", "2026-05-19", "0", "JD260918P00062000", "1"),
    fill(23, "2026-05-11T15:00:00Z", "sell", "MSFT260821P00395000", "1", "8.10"),
    fill(22, "2026-05-11T15:00:00Z", "buy", "MSFT260515P00400000", "1", "7.20"),
    fill(21, "2026-05-04T14:00:00Z", "sell", "JD260918P00062000", "1", "11.77"),
    fill(20, "2026-04-06T14:00:00Z", "sell", "MSFT260515P00400000", "1", "5.00"),
    other(19, "OPEXP", "2026-03-27", "0", "SPY260327P00550000", "-2"),
    other(18, "OPEXP", "2026-03-27", "0", "SPY260327P00560000", "2"),
    other(17, "OPTRD", "2026-03-20", "6250", "KO", "-100", price="62.5"),
    other(17, "OPASN", "2026-03-20", "0", "KO260320C00062500", "1"),
    other(16, "DIV", "2026-03-16", "53", "KO", "100", per_share_amount="0.53"),
    fill(15, "2026-03-02T15:00:00Z", "buy", "SPY260327P00550000", "2", "2.05"),
    fill(14, "2026-03-02T15:00:00Z", "sell", "SPY260327P00560000", "2", "3.10"),
    fill(13, "2026-02-23T15:00:00Z", "sell", "KO260320C00062500", "1", "0.90"),
    other(12, "OPTRD", "2026-02-20", "-6000", "KO", "100", price="60"),
    other(12, "OPASN", "2026-02-20", "0", "KO260220P00060000", "1"),
    fill(11, "2026-01-05T15:30:00Z", "sell", "KO260220P00060000", "1", "0.85"),
    other(10, "CSD", "2026-01-02", "20000"),
]
TEXT = json.dumps(ROWS, indent=1)
