import numpy as np
import pytest

from inkdigits import terminal


def test_digits_are_drawn_in_rows_under_their_titles(written):
    drawn = terminal.draw(written.images[:7], [(str(i), "bold") for i in range(7)], across=5)
    lines = drawn.plain.splitlines()
    assert len(lines) == 2 * (1 + 7)
    assert lines[0].split() == ["0", "1", "2", "3", "4"]
    assert lines[1].count("▀") == 5 * 14
    assert max(map(len, lines)) <= 80


def test_colours_are_the_means_of_four_pixels():
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, :2, :2] = 200
    text = terminal.draw(image, [("", "")])
    first = next(span for span in text.spans if str(span.style).startswith("#c8c8c8"))
    assert str(first.style) == "#c8c8c8 on #000000"


def test_shades_stand_for_greys_where_there_is_no_colour():
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, :4, :2] = 255
    lines = terminal.draw(image, [("9", "")], colour=False).plain.splitlines()
    assert lines[1] == "█" + " " * 14
    assert not lines[2].strip()


def test_raw_values_stand_in_28_rows(written):
    rows = terminal.plain(written.images[0]).splitlines()
    assert [[int(v) for v in row.split()] for row in rows] == written.images[0].tolist()


@pytest.mark.parametrize("size", [(8, 8), (28, 40), (33, 17)])
def test_pictures_of_any_size_fill_the_same_cell(size):
    image = np.zeros((1, *size), np.uint8)
    image[0, : size[0] // 2] = 255
    lines = terminal.draw(image, [("9", "")], colour=False).plain.splitlines()
    assert len(lines) == 8
    assert lines[1] == "█" * 14 + " "
    assert not lines[7].strip()


def test_wide_titles_have_a_line_for_each_part_and_stay_in_their_column():
    images = np.zeros((2, 28, 28), np.uint8)
    titles = [("T: cat  P: an extraordinarily long name", ""), ("T: dog  P: dog", "")]
    lines = terminal.draw(images, titles).plain.splitlines()
    assert [lines[0][:15], lines[0][15:]] == ["T: cat".ljust(15), "T: dog".ljust(15)]
    assert [lines[1][:15], lines[1][15:]] == ["P: an extraor… ", "P: dog".ljust(15)]
    assert {len(line) for line in lines} == {2 * 15}
