import pytest

from inkdigits.web import guide, pages

from .conftest import PHONE, overflows, serious

PAGES = ("/", "/inside", "/runs", "/guide", "/api")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_good_in_both_themes_and_at_both_sizes(path, page, served):
    page.goto(served.url + path)
    page.wait_for_load_state("networkidle")
    for theme in ("light", "dark"):
        assert not serious(page), theme
        page.locator("#theme").click()
        page.wait_for_function(
            "was => getComputedStyle(document.body).backgroundColor !== was",
            arg="rgb(255, 255, 255)" if theme == "light" else "rgb(20, 23, 26)",
        )
    page.set_viewport_size(PHONE)
    assert not overflows(page)


def test_pages_are_walked_through_by_links_and_the_theme_is_kept(page, served):
    page.goto(served.url)
    page.get_by_role("button", name="Dark").click()
    for name in ("Guide", "Runs", "Inside", "Read"):
        page.get_by_role("link", name=name, exact=True).first.click()
        page.wait_for_selector("h1")
        assert page.locator("nav [aria-current=page]").inner_text() == name
        assert page.locator("html").get_attribute("data-theme") == "dark"


def test_a_chapter_leads_to_the_next(page, served):
    names = [chapter.name for chapter in guide.chapters()]
    page.goto(f"{served.url}/guide/{names[0]}")
    for link, name in (("next", names[1]), ("prev", names[0])):
        page.locator(f"a[rel={link}]").click()
        page.wait_for_url(f"**/{name}")
        assert page.locator("article").get_attribute("data-chapter") == name


def test_without_the_laboratory_two_pages_say_how_to_get_it(monkeypatch, page, served):
    monkeypatch.setattr(pages, "has_lab", lambda: False)
    for path in ("/inside", "/runs"):
        page.goto(served.url + path)
        assert 'pip install ".[lab,web]"' in page.locator("main").inner_text()


def test_a_chapter_that_is_no_chapter_is_refused():
    with pytest.raises(ValueError, match=r"07-x\.md does not begin"):
        guide.parse("07-x.md", "no title\n\ntext")


def test_a_chapter_is_escaped_and_its_formulas_are_mathml():
    made = guide.parse(
        "07-x.md", "# A < B\n\n> Is $a$ & <b>.\n\n<script>x</script>\n\n$$a^2$$\n\n[[figure]]\n"
    )
    assert made.title == "A < B"
    assert "<math" in made.definition
    assert "&lt;b&gt;" in made.definition
    assert "<msup>" in made.body
    assert "<script>" not in made.body
    assert '<div data-place="figure"></div>' in made.body


def test_a_page_that_is_not_there_is_a_page(page, served):
    page.goto(f"{served.url}/guide/nothing")
    assert "no chapter 'nothing'" in page.locator(".lead").inner_text()
    page.complaints.clear()  # a browser also writes each answer above 399 to its console
