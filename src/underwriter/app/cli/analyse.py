"""`underwriter analyse`: one trade before it is made, or what a sleeve holds."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer import Option

from underwriter.app.cli.options import Housed, takes
from underwriter.app.cli.terminal import answer, answer_json, remark

if TYPE_CHECKING:
    from underwriter.app.analyse_sleeve import AskedSleeve
    from underwriter.app.analyse_trade import AskedTrade

_LEG = '"QUANTITY put|call STRIKE EXPIRY [@PRICE]"; again for each leg.'

_COLD = "compiling the kernels of prices, first run only: this takes some seconds"


@dataclass(frozen=True, kw_only=True)
class Options(Housed):
    """What `underwriter analyse` takes."""

    underlying: Annotated[str | None, Option(help="Its symbol; an index root says its terms.")] = (
        None
    )
    spot: Annotated[float | None, Option(help="Its price now.")] = None
    leg: Annotated[list[str] | None, Option(help=_LEG, metavar="LEG")] = None
    sleeve: Annotated[
        str | None,
        Option(help="Instead of a trade: what this sleeve of --book holds.", metavar="NAME"),
    ] = None
    book: Annotated[
        str | None, Option(help="The sleeve's journal, or a run's folder.", metavar="JOURNAL")
    ] = None
    shares: Annotated[int, Option(help="Shares held with it, at the spot.")] = 0
    vol: Annotated[
        float | None, Option(help="Volatility a year of legs without @PRICE, such as 0.28.")
    ] = None
    rate: Annotated[float | None, Option(help="Interest a year, continuous; left out: 0.03.")] = (
        None
    )
    yield_: Annotated[
        float, Option("--yield", help="Dividend yield a year, continuous, such as 0.013.")
    ] = 0.0
    dividend: Annotated[
        list[str] | None,
        Option(help="A cash dividend a share, by ex-date; again for each.", metavar="DATE:AMOUNT"),
    ] = None
    style: Annotated[
        Literal["american", "european"] | None, Option(help="Exercise; left out: as is usual.")
    ] = None
    settlement: Annotated[
        Literal["physical", "pm", "am"] | None,
        Option(help="In shares, or in cash at the close or the open; left out: as is usual."),
    ] = None
    index: Annotated[
        bool, Option("--index", help="Margin of a broad index or an ETF on it: 15%, not 20%.")
    ] = False
    multiplier: Annotated[int, Option(help="Shares a contract.")] = 100
    real_vol: Annotated[
        float | None, Option(help="Volatility you expect; left out: each leg's own.")
    ] = None
    drift: Annotated[float | None, Option(help="Return you expect a year; left out: the rate.")] = (
        None
    )
    as_of: Annotated[
        str | None,
        Option(
            help="The day of the trade; left out: today. Of a book: the last evening until then.",
            metavar="DATE",
        ),
    ] = None
    output: Annotated[
        Path | None, Option(help="Write the pay-off chart here.", metavar="FILE.svg")
    ] = None


def register(app: typer.Typer) -> None:
    """Add the command."""
    example = (
        'Example: underwriter analyse --underlying SPY --spot 415 --leg "-1 put 390 45d @1.85"'
    )
    app.command(epilog=example)(analyse)


@takes(Options)
def analyse(options: Options) -> int:
    """Look at one trade before it is made, or at what a sleeve of a journal holds.

    Price, Greeks, breakeven, odds, expected value, margin, yield, scenarios and a pay-off chart.
    """
    from underwriter.app.settings import open_house  # noqa: PLC0415  pydantic, not for --help

    house = open_house(options.home)
    from underwriter.app import analyse as made  # noqa: PLC0415  kernels, compiled into that home
    from underwriter.app.analyse_text import page  # noqa: PLC0415
    from underwriter.app.cli.ask_trade import chart_of  # noqa: PLC0415
    from underwriter.app.run_folder import replace_text  # noqa: PLC0415
    from underwriter.core.kernel import first_run  # noqa: PLC0415
    from underwriter.report.payoff import svg  # noqa: PLC0415

    asked, chart = _asked(options, house.home), chart_of(options.output)
    if first_run():
        remark(_COLD)
    found, picture = made.analyse(asked.subject(), chart)
    if chart is not None:
        replace_text(chart, svg(picture))
        remark(f"chart: {chart}")
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415

        answer_json(to_builtins(found))
    else:
        room = shutil.get_terminal_size()
        answer(page(found, picture, room.columns, room.lines))
    return 0


def _asked(options: Options, home: Path) -> "AskedTrade | AskedSleeve":
    """The trade that is told, or the sleeve that is named."""
    if options.sleeve is None and options.book is None:
        from underwriter.app.cli.ask_trade import trade_of  # noqa: PLC0415

        return trade_of(options)
    from underwriter.app.cli.ask_sleeve import sleeve_of  # noqa: PLC0415  books, not for a trade

    return sleeve_of(options, home, Path.cwd())
