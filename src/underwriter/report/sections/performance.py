"""The headline, the equity curve beside its benchmarks, drawdowns, capital at work."""

import numpy as np

from underwriter.book import metrics
from underwriter.core.units import MICRO
from underwriter.report import charts, say
from underwriter.report.charts import Chart, Line
from underwriter.report.markup import Html, details, table, tag
from underwriter.report.sections.page import COLOURS, Page

TWO_ERRORS = 2.0


def header(page: Page) -> Html:
    """What was run, on what, with how much; and the answer in one sentence."""
    view, curve = page.view, page.view.curve
    period = f"{curve.sessions[0]} {say.TO} {curve.sessions[-1]}, {len(curve.sessions):,} sessions"
    money = tag(
        "p",
        "Starting cash ",
        tag("b", say.money(view.starting_cash_u)),
        ", equity at the end ",
        tag("b", say.money(int(curve.equity_u[-1]))),
        ".",
        class_="money",
    )
    return tag(
        "header",
        tag("p", "Underwriter tearsheet", class_="over"),
        tag("h1", page.name),
        tag("p", period, class_="period"),
        _banner(page),
        money,
        tag("p", _verdict(page), class_="verdict"),
    )


def _banner(page: Page) -> Html:
    quotes, source = page.view.quotes, page.view.opened.source
    if not quotes.banner:
        return tag("p", f"{quotes.told} Source: {source}.", class_="quoted")
    told = f" {quotes.told} Source: {source}."
    return tag("p", tag("b", f"{quotes.banner}."), told, class_="banner")


def _verdict(page: Page) -> str:
    """The answer first, with how sure it is."""
    found, line = page.found, page.found.regression
    told = f"{page.name} made {say.percent(found.policy.cagr)} a year"
    if found.hold is None or found.beta_matched is None:
        return f"{told}."
    kind = "with dividends" if page.view.pays_dividends else "at its price alone"
    told += (
        f"; holding {page.underlying} {kind} made {say.percent(found.hold.cagr)}, and a "
        f"mix of it and bills with the same beta made {say.percent(found.beta_matched.cagr)}."
    )
    alpha = say.percent(line.alpha)
    error = say.percent(line.alpha_se)
    side = "beyond" if abs(line.alpha_t) > TWO_ERRORS else "within"
    return (
        f"{told} Alpha over that mix: {alpha} a year, standard error {error} "
        f"(t = {say.number(line.alpha_t, 1)}): {side} two standard errors of zero."
    )


def headline(page: Page) -> Html:
    """The figures beside the benchmarks, and the option desk's own."""
    start = page.view.starting_cash_u
    heads = ("", "Ends with", "Total return", "CAGR", "Volatility", "Sharpe", "Max drawdown")
    rows = [
        (
            page.called(name),
            say.money(int(line.growth[-1] * start)),
            say.percent(line.total_return),
            say.percent(line.cagr),
            say.percent(line.volatility),
            say.give_or_take(line.sharpe, line.sharpe_se),
            say.percent(-line.fall.depth),
        )
        for name, line in page.found.lines.items()
    ]
    compare = table("The policy beside other uses of the same money", heads, rows, "compare")
    return page.section("Results", _tiles(page), compare, tag("p", _fall(page), class_="note"))


def _tiles(page: Page) -> Html:
    """Six figures that a premium seller asks for first."""
    view, found = page.view, page.found
    incomes = [month.income_u for month in view.months.values()]
    average = sum(incomes) // len(incomes)
    worst = min(view.months, key=lambda name: view.months[name].income_u)
    shown = (
        ("Income a month", say.money(average), "average: options, dividends, bills"),
        ("Worst month's income", say.money(min(incomes)), worst),
        ("Premium capture", say.percent(found.premium_capture), "kept, of opening credits"),
        ("Puts assigned", say.percent(found.assignment_rate), "of short puts ended"),
        ("Calls called away", say.percent(found.called_away_rate), "of short calls ended"),
        ("Capital at work", say.percent(found.deployed), "average share of equity"),
    )  # fmt: skip
    tiles = [
        tag("div", tag("dt", name), tag("dd", tag("b", value), tag("small", note)))
        for name, value, note in shown
    ]
    return tag("dl", *tiles, class_="tiles")


def _fall(page: Page) -> str:
    fall = page.found.policy.fall
    if fall.depth <= 0.0:
        return "Equity never closed under an earlier evening."
    back = f"recovered {fall.recovered}" if fall.recovered else "not recovered by the end"
    return (
        f"Deepest drawdown {say.percent(-fall.depth)}: peak {fall.peak}, trough {fall.trough}, "
        f"{back}. Mean loss of the worst 2.5% of days: {say.percent(page.found.tail_loss, 2)}."
    )


def equity(page: Page) -> Html:
    """The policy's equity beside holding and the beta-matched mix."""
    start = page.view.starting_cash_u / MICRO
    named = page.found.lines
    series = [
        Line(page.called(name), COLOURS[name], line.growth * start,
             say.short(float(line.growth[-1]) * start))
        for name, line in named.items()
    ]  # fmt: skip
    ends = ", ".join(f"{line.name} {line.said}" for line in series)
    chart = Chart(
        "Equity",
        "Dollars by session, linear scale",
        page.note,
        f"From {say.short(start)} at the start to: {ends}.",
    )
    drawn = charts.lines(chart, page.view.curve.sessions, series, say.short, _year_ends(page))
    return page.section("Equity beside the benchmarks", drawn)


def _year_ends(page: Page) -> Html:
    """Equity at the end of each year."""
    start = page.view.starting_cash_u
    last = {day.year: at for at, day in enumerate(page.view.curve.sessions)}
    lines = page.found.lines
    rows = [
        (str(year), *(say.money(int(line.growth[at] * start)) for line in lines.values()))
        for year, at in last.items()
    ]
    heads = ("Year", *(page.called(name) for name in lines))
    return details("The figures: equity at the end of each year", table("Equity", heads, rows))


def risk(page: Page) -> Html:
    """Drawdowns, and how much of the capital is at work."""
    return page.section(
        "Drawdown and capital at work", tag("div", _drawdowns(page), _work(page), class_="pair")
    )


def _drawdowns(page: Page) -> Html:
    shown = {name: line for name, line in page.found.lines.items() if name != "bills"}
    series = [
        Line(page.called(name), COLOURS[name], metrics.drawdowns(line.growth),
             say.percent(-line.fall.depth), filled=name == "policy")
        for name, line in shown.items()
    ]  # fmt: skip
    depths = ", ".join(f"{line.name} {line.said}" for line in series)
    chart = Chart(
        "Drawdown from the last peak",
        "Percent of the peak, by session",
        page.note,
        f"Deepest: {depths}.",
    )
    rows = [
        (page.called(name), say.percent(-line.fall.depth), str(line.fall.peak),
         str(line.fall.trough), say.day(line.fall.recovered))
        for name, line in shown.items()
    ]  # fmt: skip
    heads = ("", "Deepest", "Peak", "Trough", "Recovered")
    return charts.lines(
        chart,
        page.view.curve.sessions,
        series,
        lambda value: say.percent(value, 0),
        details("The figures", table("Deepest drawdowns", heads, rows)),
    )


def _work(page: Page) -> Html:
    curve = page.view.curve
    equity = np.maximum(curve.equity_u.astype(np.float64), 1.0)
    shares = curve.shares_u / equity
    both = shares + curve.secured_u / equity
    series = [
        Line("short legs, secured", "puts", both, _mean(both - shares), filled=True),
        Line("shares", "shares", shares, _mean(shares), filled=True),
    ]
    chart = Chart(
        "Capital at work, one upon the other",
        "Percent of equity, by session",
        page.note,
        f"Average: secures short legs {series[0].said}, shares {series[1].said}.",
    )
    last = {day.year: at + 1 for at, day in enumerate(curve.sessions)}
    begins = [0, *list(last.values())[:-1]]
    rows = [
        (str(year), _mean((both - shares)[begin:end]), _mean(shares[begin:end]))
        for (year, end), begin in zip(last.items(), begins, strict=True)
    ]
    return charts.lines(
        chart,
        curve.sessions,
        series[::-1],
        lambda value: say.percent(value, 0),
        details("The figures", table("Average by year", ("Year", "Short legs", "Shares"), rows)),
    )


def _mean(values: charts.Floats) -> str:
    return say.percent(float(np.mean(values)), 0)
