"""The frame that all self-contained pages have in common."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from fgaesq.report.page import asset, whole_page


def test_a_page_holds_its_parts_in_order_and_leaves_empty_ones_out() -> None:
    page = whole_page(
        "Birds & bees", "2 series", ["<p>one</p>", "", "<p>two</p>"], note="Note.", end="<dialog>"
    )
    assert page.startswith('<!doctype html>\n<html lang="en">\n<head>\n')
    assert "<title>Birds &amp; bees</title>" in page
    assert "<h1>Birds &amp; bees</h1>\n<p>2 series</p>" in page
    assert "<main>\n<p>one</p>\n<p>two</p>\n</main>" in page
    assert page.endswith("<p>Note.</p>\n<dl></dl>\n</footer>\n<dialog></body>\n</html>\n")


@pytest.mark.parametrize("script", ["", "let a = 1;"])
def test_the_policy_allows_the_style_and_the_script_of_the_page_alone(script: str) -> None:
    page = whole_page("a", "b", [], note="c", styles=["evaluation.css"], script=script)
    (allowed,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    style = "".join(map(asset, ("colours.css", "report.css", "evaluation.css")))
    assert f"<style>{style}</style>" in page
    assert f"style-src '{sha256(style)}'" in allowed
    assert (f"script-src '{sha256(script)}'" in allowed) == bool(script)
    assert ("<script>" in page) == bool(script)


def sha256(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
