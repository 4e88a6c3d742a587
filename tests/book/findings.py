"""What a report of `verify` found, in short."""

from underwriter.book.trail import Report


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


def sequences(report: Report) -> set[int]:
    return {finding.sequence for finding in report.findings if finding.sequence is not None}
