import re

import pytest

from inkdigits.document import Document
from inkdigits.io.formats import FORMATS
from tests.documents import document, line


@pytest.mark.parametrize("form", FORMATS)
def test_lines_come_as_documents_do(form):
    taken = []

    def many():
        for number in range(100):
            taken.append(number)
            yield Document("p")

    next(FORMATS[form](many()))
    assert len(taken) <= 2  # one picture is printed otherwise than two


@pytest.mark.parametrize("form", FORMATS)
def test_cells_stay_apart_in_every_format(form):
    found = document(line("105", (0, 0)), line("33", (0, 1)))
    for them in ([found], [found, found]):
        said = "\n".join(FORMATS[form](them))
        bare = re.sub(r"<[^>]*>", "", said)  # as of a page without its tags
        assert "105" in bare or '"value": "1"' in bare
        assert not re.search(r"105\s?33", bare.replace("\t", "|").replace("\n", "|"))


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_takes_no_documents_at_all(form):
    list(FORMATS[form]([]))
    assert "".join(FORMATS["json"]([])) == "[]"
