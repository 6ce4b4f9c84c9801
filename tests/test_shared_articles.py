"""Three articles as saved from the web, where they lie beside the project: a check, never a source of rules or text."""

from __future__ import annotations

from pathlib import Path

import pytest

from framing.loading import load_model
from framing.read import read_articles
from framing.records import Article, ScoredArticle

ROOT = Path(__file__).parent.parent
FOLDER = ROOT.parent / "shared" / "articles"
PROSE = {"000_6c916d2be2d05fd9.txt": 10, "002_757163a2b3d0ad42.txt": 2, "004_f1439a8cd7274eed.txt": 14}
"""How many paragraphs of prose each has, counted by eye, standfirsts among them."""
NOT_PROSE = ('"authors"', "Privacy", "Former Scholar in Residence", "Operation Sindoor", "NISAR", "Donations", "TAGS")
"""Words of menus, data, author boxes, teasers and appeals."""

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/articles is not here")


@pytest.fixture(scope="module")
def scored() -> dict[str, ScoredArticle]:
    model = load_model(ROOT / "models" / "russia-mediator")
    found = read_articles([str(FOLDER / name) for name in PROSE])
    articles = [one for one in found if isinstance(one, Article)]
    return {Path(article.origin).name: article for article in model.score_articles(articles)}


@pytest.mark.parametrize("name", PROSE)
def test_all_prose_and_only_prose_is_scored(scored: dict[str, ScoredArticle], name: str) -> None:
    article = scored[name]
    assert [paragraph.status for paragraph in article.paragraphs] == ["ok"] * PROSE[name]
    prose = "\n".join(paragraph.text for paragraph in article.paragraphs)
    assert not [words for words in NOT_PROSE if words in prose]
    covered = sum(paragraph.end - paragraph.start for paragraph in article.paragraphs)
    covered += sum(part.end - part.start for part in article.left_out)
    assert covered >= len("".join(article.text.split()))


def test_what_is_left_out_of_a_page_of_menus_and_teasers_has_its_reasons(scored: dict[str, ScoredArticle]) -> None:
    reasons = {part.reason for part in scored["000_6c916d2be2d05fd9.txt"].left_out}
    assert {"menu", "metadata", "author", "teaser", "licence"} <= reasons
