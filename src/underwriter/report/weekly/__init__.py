"""A week of one account: its rows, what each is found from, and how they are said."""
