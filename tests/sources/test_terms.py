"""What SQL computes of rules that also exist in Python is what Python computes, on both databases."""

from decimal import Decimal
from itertools import product

from sqlalchemy import BigInteger, cast, literal, select

from profiles.amounts import pieces
from profiles.finding.fields import rounded_average
from profiles.money import average
from profiles.storage.bulk import bulk_load
from profiles.summaries.terms import pieces as pieces_in_sql


async def test_pieces_of_a_line_are_those_of_the_rule(database_url: str) -> None:
    whole = ["0", "1", "2", "99", "100", "101", "89638", "-1", "-2", "-100", "-101"]
    fractions = ["0.001", "0.5", "0.999", "1.001", "99.5", "100.001", "-0.5", "-1.5"]
    quantities = [Decimal(text) for text in whole + fractions]
    columns = [
        pieces_in_sql(cast(literal(int(quantity * 1000)), BigInteger)).label(f"c{at}")
        for at, quantity in enumerate(quantities)
    ]
    async with bulk_load(database_url) as loader, loader.transaction() as bulk:
        (row,) = await bulk.execute(select(*columns))
    assert list(row) == [pieces(each) for each in quantities]


async def test_an_average_that_is_filtered_by_is_rounded_as_the_one_that_is_shown(database_url: str) -> None:
    cases = list(product((0, 1, 2, 3, 5, 7, 1000, 2005, 2007, -1, -3, -5, -7, 3 * (2**60 + 1)), (0, 1, 2, 3, 4, 7, 10)))
    columns = [
        rounded_average(cast(literal(total), BigInteger), cast(literal(number), BigInteger)).label(f"c{at}")
        # PostgreSQL works out what is written out before it looks at any condition; a column is never divided by zero.
        for at, (total, number) in enumerate(cases)
        if number
    ]
    async with bulk_load(database_url) as loader, loader.transaction() as bulk:
        (row,) = await bulk.execute(select(*columns))
    assert list(row) == [average(total, number) for total, number in cases if number]
