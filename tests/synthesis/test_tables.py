"""Printed tables and combs: what stands in which cell, and that there are walls."""

import numpy as np
import pytest

from inkdigits.synthesis import comb, table


def test_a_table_says_its_cells_row_by_row():
    made = table(0)
    assert made.truth == "\n".join(" ".join(filter(None, row)) for row in made.cells)
    assert all(len(row) == len(made.cells[0]) for row in made.cells)
    assert all(
        len(cell) <= 5 and (cell.isdigit() or not cell) for row in made.cells for cell in row
    )


def test_the_number_of_a_comb_is_its_digits_joined():
    made = comb(3)
    (row,) = made.cells
    assert made.truth == "".join(row) and all(len(digit) == 1 for digit in row)


@pytest.mark.parametrize("number", range(4))
def test_a_table_has_a_rule_around_each_row_and_column(number):
    made = table(number)
    dark = made.picture.min(axis=2).astype(int)
    paper = np.median(dark)
    ruled = dark < paper - 20
    # A rule across the table is ink in nearly all of its width, or its height.
    rows = ruled[:, ruled.any(0)].mean(1) > 0.75
    columns = ruled[ruled.any(1)].mean(0) > 0.75
    assert np.diff(rows.astype(int)).clip(0).sum() == len(made.cells) + 1
    assert np.diff(columns.astype(int)).clip(0).sum() == len(made.cells[0]) + 1


def test_tables_are_told_apart_by_their_seed():
    assert table(1).truth != table(1, seed=1).truth
    assert np.array_equal(table(1).picture, table(1).picture)
