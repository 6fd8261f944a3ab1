"""The report: self-contained, the same every time, honest about gaps, readable without its figures."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

from hemograft import sources
from hemograft.outcome.summary import Row
from hemograft.outcome.table import course_of, outcomes
from hemograft.reporting.influence import influences, spearman
from hemograft.reporting.page import DISCLAIMER, report, report_html
from hemograft.reporting.words import key_results
from synthetic import assemble, failing, twins

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Collects ids, tags, and unbalanced elements of a page."""

    def __init__(self, text):
        HTMLParser.__init__(self)
        self.open, self.wrong, self.ids, self.tags = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.fixture(scope="module")
def run():
    trajectory = twins(40, 200)
    return trajectory, outcomes(trajectory)


@pytest.fixture(scope="module")
def text(run):
    return report_html(*run)


def test_the_page_is_one_balanced_document_with_unique_ids(text):
    page = Page(text)
    assert page.wrong == []
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_the_page_asks_for_nothing_from_elsewhere(text):
    body = re.sub(r'xmlns(:\w+)?="[^"]*"', "", text)
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(https?:)?//", body)
    assert "<script" not in body
    assert "@import" not in body
    assert "<link" not in body


def test_the_same_run_gives_the_same_page(run, text):
    assert report_html(*run) == text


def test_every_figure_has_words_for_those_who_do_not_see_it_and_a_table(text):
    page = Page(text)
    drawings = [attrs for tag, attrs in page.tags if tag == "svg" and attrs.get("role") == "img"]
    assert len(drawings) == 7
    for attrs in drawings:
        for name in attrs["aria-labelledby"].split():
            assert name in page.ids
    figures = re.findall(r"<figure.*?</figure>", text, flags=re.DOTALL)
    assert len(figures) == 7
    for figure in figures:
        assert re.search(r"<title[^>]*>[^<]+</title><desc[^>]*>[^<]+day [^<]+</desc>", figure)
        assert figure.count("<tr>") > 5


def test_the_page_says_what_it_is_not_for_and_what_is_not_modeled(text):
    assert text.count(DISCLAIMER) >= 2
    for word in ("graft-versus-host disease", "most of their parameters are assumed", "twins still alive"):
        assert word in text


def test_key_results_are_there(text):
    for word in (
        "Neutrophil engraftment",
        "Platelet engraftment",
        "Primary graft failure",
        "Donor cells, day 30",
        "Donor cells, day 100",
        "Relapse",
        "Monte Carlo error",
    ):
        assert word in text


def test_provenance_and_command_are_printed(text):
    assert "hemograft run test_case.yaml --protocol test --twins 60 --seed 5" in text
    assert "sha256:" in text


def test_text_from_files_is_escaped(run):
    trajectory, table = run
    case = trajectory.case.model_copy(update={"title": "<script>alert(1)</script>"})
    page = report_html(type(trajectory)(**{**vars(trajectory), "case": case}), table)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_report_is_written_whole(run, tmp_path):
    path = report(*run, tmp_path / "report.html")
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_one_patient_has_no_bands_and_no_errors():
    trajectory = twins(1, 120)
    page = report_html(trajectory, outcomes(trajectory))
    assert "1 twin of one patient" in page
    assert "Monte Carlo error;" not in page
    assert Page(page).wrong == []


def test_a_run_without_graft_counts_from_treatment():
    days = np.arange(-3.0, 61)
    falls = np.where((days > 5) & (days < 24), 0.1, 3.0)[None] * np.ones((3, 1))
    data = {
        "neutrophils": falls,
        "platelets": falls * 60,
        "marrow_blasts": np.where(days < 9, 60.0, 1.0) * np.ones((3, 1)),
    }
    trajectory = assemble(days, data, count=3, graft=False)
    page = report_html(trajectory, outcomes(trajectory))
    assert "Neutrophil recovery" in page
    assert "Complete remission" in page
    assert "day of treatment" in page
    assert "graft failure" not in page.split("Limits of the model")[0].split("<main")[1].split("Not computed")[0]


def test_failed_twins_are_named():
    days = np.arange(-3.0, 40)
    data = {"neutrophils": np.full((2, len(days)), 2.0)}
    trajectory = assemble(days, data, count=2, failures=(failing("twin-0001", 4.0),))
    assert "twin-0001, day 4, platelets: not finite" in report_html(trajectory, outcomes(trajectory))


def test_influence_ranks_what_varies_and_lists_what_does_not(run):
    ranked, same = influences(*run)
    assert ranked[0].parameter.shared == "speed"
    assert ranked[0].clear
    assert not next(one for one in ranked if one.parameter.name == "homing").clear
    assert [parameter.name for parameter in same] == ["niche_places"]


def test_few_twins_are_not_ranked():
    trajectory = twins(5, 60)
    ranked, same = influences(trajectory, outcomes(trajectory))
    assert ranked == ()
    assert [parameter.name for parameter in same] == ["niche_places"]


def test_rank_correlation_agrees_with_scipy():
    from scipy.stats import spearmanr

    one, other = np.random.default_rng(1).integers(0, 6, (2, 50)).astype(float)
    assert spearman(one, other) == pytest.approx(spearmanr(one, other).statistic)


BIB = """
@comment{not an entry}
@article{Kaplan1958,
  author = {Kaplan, Edward L. and Meier, Paul},
  title = {Nonparametric {E}stimation from Incomplete Observations},
  journal = "Journal of the American Statistical Association",
  year = 1958, volume = {53}, pages = {457--481}, doi = {10.1080/01621459.1958.10501452}
}
@article{Many2001, author={A One and B Two and C Three and D Four and others}, year={2001}, title={T}}
"""


def test_a_bibliography_is_read_leniently(tmp_path, monkeypatch):
    path = tmp_path / "sources.bib"
    path.write_text(BIB)
    entries = sources.read_sources(path)
    assert set(entries) == {"Kaplan1958", "Many2001"}
    assert entries["Kaplan1958"]["title"] == "Nonparametric Estimation from Incomplete Observations"
    assert entries["Kaplan1958"]["year"] == "1958"
    monkeypatch.setattr(sources, "read_sources", lambda: entries)
    assert sources.reference("Kaplan1958") == (
        "Kaplan EL, Meier P (1958). Nonparametric Estimation from Incomplete Observations. Journal of the "
        "American Statistical Association 53:457–481. doi:10.1080/01621459.1958.10501452."
    )
    assert sources.reference("Many2001").startswith("One A, Two B, Three C et al. (2001)")
    assert sources.reference("Nobody1900") == "Nobody1900 (not in sources.bib)"
    assert sources.keys_in(["see Kaplan1958, Table 2; Nobody1900"]) == ("Kaplan1958",)
    assert "@article{Kaplan1958,\n  author = {Kaplan, Edward L. and Meier, Paul}" in sources.cite(["Kaplan1958"])
    assert sources.cite(["Nobody1900"]) == "% Nobody1900: not in sources.bib\n"


def test_without_a_bibliography_there_are_no_entries(tmp_path):
    assert dict(sources.read_sources(tmp_path / "absent.bib")) == {}


def test_importing_the_package_does_not_load_plotting():
    code = "import hemograft, hemograft.sources, sys; assert not {'matplotlib', 'xarray'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_card_that_rests_on_one_twin_says_so():
    rows = {"platelet_engraftment": Row("platelet_engraftment", "day", 1, 11, median=11.0, proportion=1.0)}
    (card,) = key_results(rows, course_of(twins(count=2, last=60)), 60)
    assert (card.value, card.detail.partition("; ≥")[0]) == ("day 11", "one twin; 11 never below")
