"""Underwriter turns a portfolio into monthly cash flow by selling options with discipline."""
