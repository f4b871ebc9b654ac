import numpy as np

from benchmarks.reader.datasets import datasets


def test_people_of_mnist_write_where_their_digits_are_found(small_mnist, tmp_path):
    people, pens = (
        datasets(folder)["stress/pages"] for folder in (small_mnist.parent, tmp_path / "nowhere")
    )
    pages = [(people.at(number), pens.at(number)) for number in range(4)]
    assert all(one.truth == other.truth for one, other in pages)
    assert any(not np.array_equal(one.source, other.source) for one, other in pages)
