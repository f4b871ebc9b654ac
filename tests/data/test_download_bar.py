from inkdigits.data.download_bar import DownloadBar


def test_a_bar_is_shown_in_a_terminal_alone(monkeypatch, capsys):
    for variable, shown in (("", False), ("1", True)):
        monkeypatch.setenv("FORCE_COLOR", variable)
        monkeypatch.setenv("TERM", "xterm")
        bar = DownloadBar("train-images")
        bar.total = 2000
        bar.update(1000)
        bar.reset()
        bar.update(2000)
        bar.close()
        out, err = capsys.readouterr()
        assert out == ""
        assert ("train-images" in err) == shown
