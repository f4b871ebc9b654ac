from pathlib import Path

import pytest

from inkdigits.web.disclosure import public_text
from inkdigits.web.settings import Settings

SETTINGS = Settings(
    runs=Path("/srv/my class/runs"),
    user_digits=Path("/srv/digits"),
    recogniser="runs/best/reader.onnx",
)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("/srv/my class/runs/quick holds no weights yet.", "quick holds no weights yet."),
        ("There is none in /srv/my class/runs/: make one.", "There is none in runs: make one."),
        ("Cannot write /srv/digits/4/a.png: it is full.", "Cannot write 4/a.png: it is full."),
        ("/srv/digits is full.", "digits is full."),
        ("/srv/mnist/train.gz is damaged: replace it.", "train.gz is damaged: replace it."),
        ("Delete /home/somebody/.cache/mnist/train.gz.", "Delete train.gz."),
        ("Delete ~/.cache/train.gz, or (/tmp/x).", "Delete train.gz, or (x)."),
        (r"C:\Users\somebody\runs\best is damaged.", "best is damaged."),
        ("runs/best/reader.onnx is damaged.", "reader.onnx is damaged."),
        ("/api/networks lists them; see /guide.", "/api/networks lists them; see /guide."),
        ("Give epochs/steps, 3/4 or --data FOLDER.", "Give epochs/steps, 3/4 or --data FOLDER."),
        ("run `inkdigits data mnist --fetch`.", "run `inkdigits data mnist --fetch`."),
    ],
)  # fmt: skip
def test_a_client_is_told_names_and_no_folders(error, told):
    assert public_text(ValueError(error), SETTINGS) == told
