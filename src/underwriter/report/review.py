"""The weekly review: what one account did in one week, from its events and a few quotes alone.

week = week_over(calendar, told_until, asked)
told = told(events, account, week, calendar)
prices = ... for asked(told)                     what a review wants quotes of
found = review(told, prices)                     -> rows, of which page, text and JSON are made
"""

from dataclasses import replace

from underwriter.report.weekly.breaches import breaches
from underwriter.report.weekly.ended import ended
from underwriter.report.weekly.held import positions
from underwriter.report.weekly.income import income
from underwriter.report.weekly.refused import asked, refused
from underwriter.report.weekly.results import evenings, results
from underwriter.report.weekly.rows import Review
from underwriter.report.weekly.told import NO_PRICES, Prices, Told, account_asked, told
from underwriter.report.weekly.watch import watch
from underwriter.report.weekly.week import day_named, week_over

__all__ = ["NO_PRICES", "Prices", "Review", "Told", "account_asked", "asked", "day_named",
           "review", "told", "week_over"]  # fmt: skip


def review(told: Told, prices: Prices = NO_PRICES) -> Review:
    """The review of a week that was read, with what is quoted beside its journal."""
    seen = replace(told, prices=prices)
    held = positions(seen)
    broken, checks = breaches(seen)
    return Review(
        week=seen.week.name,
        account=seen.account,
        currency=seen.currency,
        sessions=[str(day) for day in seen.week.sessions],
        policies=list(dict.fromkeys(one.name for one in seen.sleeves)),
        quotes=seen.opened.quotes,
        source=seen.opened.source,
        prices=prices.quotes,
        remarks=[*prices.remarks, *_remarks(seen)],
        results=results(seen),
        ended=ended(seen),
        open=held,
        breaches=broken,
        checks=checks,
        refused=refused(seen),
        income=income(seen),
        watch=watch(seen, held),
        evenings=evenings(seen),
    )


def _remarks(seen: Told) -> list[str]:
    """What a reader should know beside the figures."""
    evening = seen.after.curve.sessions[-1]
    if evening == seen.week.last:
        return []
    said = (
        f"the evening of {seen.week.last} is not marked yet: equity is that of {evening}, and what "
        "was told after it counts in the next week's results"
    )
    return [said]
