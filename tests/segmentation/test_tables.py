import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.segmentation.lines import TextLine
from inkdigits.segmentation.rules import Rule
from inkdigits.segmentation.tables import in_cells
from tests.segmentation.drawings import block, line

ROWS = [100, 200, 300]  # where lines begin
COLUMNS = [50, 250, 450, 650]  # where walls stand


def wall(x: int, top: int = 80, bottom: int = 360) -> Rule:
    return Rule(x - 1, top, x + 2, bottom)


def row(*lefts: int, top: int = 100) -> TextLine:
    return line(*(block(left, top) for left in lefts))


def cells(found: list[TextLine]) -> dict[tuple[int, int] | None, list[int]]:
    return {one.cell: [c.left for c in one.components] for one in found}


WALLS = [wall(x) for x in COLUMNS]


def test_without_walls_lines_are_what_they_were():
    lines = [row(60, 100), row(300)]
    assert in_cells(lines, []) == lines
    assert in_cells([], WALLS) == []


def test_what_stands_in_a_cell_has_its_row_and_column():
    lines = [row(60, 100, 300, 500, 530, top=top) for top in ROWS]
    found = cells(in_cells(lines, WALLS))
    assert found == {
        (r, c): lefts for r in range(3) for c, lefts in enumerate([[60, 100], [300], [500, 530]])
    }


def test_an_empty_cell_keeps_its_column():
    found = in_cells([row(60, 500, top=100), row(300, 500, top=200)], WALLS)
    assert [one.cell for one in found] == [(0, 0), (0, 2), (1, 1), (1, 2)]


def test_columns_begin_at_0_whether_or_not_there_is_a_wall_before_them():
    lines = [row(60, 100, 300, top=top) for top in ROWS]
    for walls in (WALLS, WALLS[1:]):
        assert {one.cell[1] for one in in_cells(lines, walls) if one.cell} == {0, 1}


def test_walls_may_be_in_pieces_and_a_little_aside_from_row_to_row():
    walls = [wall(x + aside, top - 20, top + 60) for x in COLUMNS for aside, top in
             zip((0, 5, -5), ROWS, strict=True)]  # fmt: skip
    lines = [row(60, 100, 300, 500, 530, top=top) for top in ROWS]
    assert cells(in_cells(lines, walls)) == cells(in_cells(lines, WALLS))


def test_a_wall_of_one_row_may_be_missing_and_the_others_keep_their_columns():
    walls = [*WALLS[:1], *WALLS[2:], wall(250, 180, 360)]
    found = in_cells([row(60, 100, 300, 500, top=top) for top in ROWS], walls)
    assert [one.cell for one in found if one.cell and one.cell[0] > 0] == [
        (r, c) for r in (1, 2) for c in range(3)
    ]
    assert [[c.left for c in one.components] for one in found][1] == [500]


def test_a_comb_of_one_row_is_one_line():
    walls = [wall(x, 90, 140) for x in range(50, 291, 40)]
    comb = row(60, 100, 140, 180, 220, 260)
    assert in_cells([comb], walls) == [comb]


def test_one_digit_a_cell_is_a_table_where_cells_are_wide_or_walls_run_on():
    single = row(130, 330, 530)
    assert [one.cell for one in in_cells([single], WALLS)] == [(0, 0), (0, 1), (0, 2)]
    walls = [wall(x, 80, 260) for x in range(50, 211, 40)]
    two = [row(60, 100, 140, top=100), row(60, 100, 180, top=200)]
    assert all(one.cell is not None for one in in_cells(two, walls))


def test_a_title_above_a_table_is_in_no_cell():
    title, *lines = row(60, 100, 300, top=10), *(row(60, 300, top=top) for top in ROWS)
    found = in_cells([title, *lines], WALLS)
    assert found[0] is title and [one.cell for one in found[1:3]] == [(0, 0), (0, 1)]


def test_squared_paper_that_is_written_across_is_no_table():
    squares = [wall(x) for x in range(50, 700, 20)]
    whole = row(55, 100, 150, 200, 250)
    assert in_cells([whole], squares) == [whole]


@pytest.mark.parametrize(("top", "bottom"), [(80, 110), (122, 140)])
def test_a_wall_shorter_than_the_line_parts_nothing(top, bottom):
    whole = row(60, 100, 300, 330)
    assert in_cells([whole], [wall(x, top, bottom) for x in COLUMNS]) == [whole]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(ROWS), st.lists(st.integers(0, 700), min_size=1, max_size=6)),
        min_size=1,
        max_size=3,
        unique_by=lambda one: one[0],
    ),
    st.lists(st.integers(0, 720), max_size=6),
)
def test_cells_hold_all_components_each_once_and_in_order(rows, walls):
    lines = [row(*sorted(lefts), top=top) for top, lefts in sorted(rows)]
    found = in_cells(lines, [wall(x) for x in walls])
    before = [id(c) for one in lines for c in one.components]
    assert [id(c) for one in found for c in one.components] == before
    places = [one.cell for one in found if one.cell]
    assert places == sorted(set(places)) and all(min(place) >= 0 for place in places)
