"""A nomenclature built from a person's own release: what is read, what is then refused, and agreement with py-ard."""

from __future__ import annotations

import gzip
import os
import random
from pathlib import Path

import pytest

from hemograft.errors import InputError
from hemograft.hla.comparison import compare
from hemograft.hla.nomenclature import at_hand, built_in, place
from hemograft.hla.release import build
from hemograft.hla.typing import Typing
from hla_help import counts

HEAD = "# file: x\n# date: 2020-01-01\n# version: IPD-IMGT/HLA 9.99.0\n"
INVENTED = {  # a release of a few invented alleles in the layout of the real one
    "Allelelist.txt": "AlleleID,Allele\n" + "".join(
        f"HLA{n:05d},{name}\n" for n, name in enumerate(
            ["A*01:01:01:01", "A*01:01:01:02N", "A*01:50", "A*02:01:01", "A*02:77Q", "A*02:90N", "B*15:01", "B*15:02",
             "B*15:68", "DPB1*04:01:01", "DPB1*99:01", "DMA*01:01"]
        )
    ),
    "wmda/hla_nom_p.txt": "A*;01:01:01:01/01:50;01:01P\nA*;02:01:01/02:77Q;02:01P\nB*;15:01;\nB*;15:02/15:68;15:02P\n"
                          "DPB1*;04:01:01/99:01;04:01P\nDMA*;01:01;\n",
    "wmda/hla_nom_g.txt": "A*;01:01:01:01/01:01:01:02N/01:50;01:01:01G\nA*;02:01:01/02:90N;02:01:01G\nB*;15:01;\n",
    "wmda/hla_nom.txt": "A;2;19680101;;;\nA*;01:07;19990101;20010101;01:50;Sequence identical\n",
    "wmda/rel_dna_ser.txt": "A*;01:01:01:01;1;;;\nB*;15:01;62;;;\nB*;15:02;75;;;\nB*;15:68;;;75;\n",
    "wmda/rel_ser_ser.txt": "B;15;62/75;\nB;70;71/72;\n",
    "tce/dpb_tce.csv": "Allele,Protein,V1_Assignment,V2_Assignment,Comments\nDPB1*04:01:01,DPB1*04:01,3,3,\n"
                       "DPB1*99:01,DPB1*99:01,,2a$,\n",
}  # fmt: skip
FASTA = ">HLA:1 B*15:01 362 bp\nMRVT{x}\n>HLA:2 B*15:68 362 bp\nMLVM{x}\n"


@pytest.fixture
def release(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("HEMOGRAFT_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "release"
    for name, text in INVENTED.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + text, encoding="utf-8")
    (folder / "B_prot.fasta").write_text(FASTA.replace("{x}", "A" * 340), encoding="utf-8")
    return folder


def hint(**typing) -> tuple[str, str]:
    with pytest.raises(InputError) as caught:
        Typing(**typing)
    return caught.value.problems[0].what, caught.value.problems[0].hint


def test_a_release_is_read_from_a_folder(release):
    made = build(release)
    assert (made.release, made.alleles, made.absent) == ("IPD-IMGT/HLA 9.99.0", 11, ())
    found = at_hand()
    assert found.title == "IPD-IMGT/HLA 9.99.0"
    assert found.group("A*01:50") == "A*01:01"
    assert found.epitope("DPB1*99:01", "V2") == "2a predicted"
    assert found.leader("B*15:68") == "M"
    assert found.leader("B*15:01") == "T"


def test_building_twice_gives_the_same_bytes(release):
    first = build(release).path.read_bytes()
    assert build(release).path.read_bytes() == first


def test_alleles_that_do_not_exist_are_refused_with_the_nearest(release):
    build(release)
    what, near = hint(A="A*01:51, A*02:01")
    assert what == "there is no A*01:51 in IPD-IMGT/HLA 9.99.0"
    assert near in {"A*01:50", "A*01:01"}
    assert hint(A="A*02:77, A*02:01")[1] == "A*02:77Q"
    assert hint(A="A*02:01N, A*02:01")[1] == "A*02:01"
    assert hint(A="A*01:01:01:02, A*02:01")[1] == "A*01:01:01:02N"
    assert hint(A="A*01:50P, A*02:01")[1] == "A*01:01P"
    what, near = hint(A="A*01:07, A*02:01")
    assert (what, near) == ("A*01:07 was abandoned", "A*01:50")


def test_names_of_any_length_exist_when_an_allele_below_them_does(release):
    build(release)
    for name in ("A*01:01", "A*01:01N", "A*01:01:01", "A*01:01:01:02N", "A*01:01:01G", "A*01:01P", "A*02:77Q"):
        Typing(A=name)


def test_p_groups_of_the_release_are_compared(release):
    build(release)
    found = compare(Typing(A="A*01:50, A*02:01"), Typing(A="A*01:01, A*02:01"))
    assert counts(found.locus("A")) == ("2", "0", "0")
    assert found.nomenclature == "IPD-IMGT/HLA 9.99.0"
    assert not any("common alleles only" in one for one in found.remarks)


def test_leaders_are_those_of_the_allele_and_not_of_its_p_group(release):
    build(release)
    found = compare(Typing(B="B*15:68, B*15:01"), Typing(B="B*15:02, B*15:01")).leader
    assert (found.patient, found.donor) == ("MT", "TT")


def test_an_antigen_is_one_of_the_alleles_that_have_it(release):
    build(release)
    found = compare(Typing(B="B62"), Typing(B="B*15:02"))
    assert counts(found.locus("B"))[0] == "0"
    found = compare(Typing(B="B75"), Typing(B="B*15:02"))
    assert counts(found.locus("B"))[0] == "0-2"
    typing = Typing(
        B="B*07:02" if not at_hand().complete else "B*15:01", antibodies=[{"against": "B75", "mfi": "2000"}]
    )
    assert [one.met for one in compare(typing, Typing(B="B*15:02")).antibodies] == ["yes"]


def test_a_group_that_hides_null_alleles_says_so(release):
    build(release)
    found = compare(Typing(A="A*02:01:01G, A*01:01"), Typing(A="A*02:01, A*01:01"))
    assert counts(found.locus("A")) == ("2", "0", "0")
    assert any("does not rule out null alleles (A*02:90N)" in one for one in found.remarks)


def test_files_that_are_not_there_are_named(release):
    (release / "tce" / "dpb_tce.csv").unlink()
    assert build(release).absent == ("dpb_tce.csv",)
    assert at_hand().epitope("DPB1*09:01", "V2") == built_in().epitope("DPB1*09:01", "V2") == "1"
    (release / "wmda" / "hla_nom_p.txt").unlink()
    with pytest.raises(InputError, match=r"hla_nom_p\.txt not found"):
        build(release)
    with pytest.raises(InputError, match="no such folder"):
        build(release / "nowhere")


def test_files_of_two_releases_are_refused(release):
    path = release / "wmda" / "hla_nom_p.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("9.99", "9.98"), encoding="utf-8")
    with pytest.raises(InputError, match="files of several releases"):
        build(release)


def test_a_file_that_is_something_else_is_refused(release):
    (release / "wmda" / "hla_nom_p.txt").write_text(HEAD + "nonsense\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"hla_nom_p\.txt:4: a row of 1 columns"):
        build(release)
    (release / "wmda" / "hla_nom_p.txt").write_text("A*;01:01;\n", encoding="utf-8")
    with pytest.raises(InputError, match="the release is not named"):
        build(release)


def test_a_broken_nomenclature_says_how_to_build_it_again(release):
    build(release)
    place().write_bytes(gzip.compress(b"{}"))
    with pytest.raises(InputError, match="hemograft hla build"):
        at_hand()


OWN = os.environ.get("HEMOGRAFT_HLA_RELEASE", "")  # folder of the developer's own copy of a release
needs_release = pytest.mark.skipif(not OWN, reason="HEMOGRAFT_HLA_RELEASE names no copy of an IPD-IMGT/HLA release")


@pytest.fixture(scope="module")
def own_release(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEMOGRAFT_CACHE", str(tmp_path_factory.mktemp("release")))
        build(OWN)
        yield at_hand()


@needs_release
def test_the_built_in_facts_are_those_of_the_release(own_release):
    facts = built_in()
    assert {name: own_release.group(name) for name in facts.groups} == dict(facts.groups)
    assert all(f"{name}N" in own_release.alleles or own_release.suffixes.get(name) == "N" for name in facts.suffixes)
    for version in ("V1", "V2"):
        known = own_release.epitopes[version]
        assert {name: known.get(name) for name in facts.epitopes[version]} == dict(facts.epitopes[version])


@needs_release
def test_p_groups_agree_with_py_ard(own_release, tmp_path, monkeypatch):
    """py-ard builds its own table from the same copy; 3,000 random names of two to four fields and G groups."""
    pyard = pytest.importorskip("pyard")
    folder = tmp_path / "links" / "Latest"
    folder.mkdir(parents=True)
    for name in ("Allelelist.txt", "release_version.txt", "wmda"):
        (folder / name).symlink_to(next(Path(OWN).rglob(name)))
        (folder.parent / name).symlink_to(folder / name)
    monkeypatch.setenv("IMGT_HLA_URL", f"{folder.parent.as_uri()}/")
    ard = pyard.init("Latest", data_dir=str(tmp_path / "pyard"), load_mac=False)
    differing, unknown = {}, []
    for text in _names(own_release):
        try:
            theirs = ard.redux(text, "P")
        except pyard.exceptions.InvalidAlleleError:
            unknown.append(text)
            continue
        if _p_group(text) != _plain(theirs):
            differing[text] = (_p_group(text), theirs)
    assert not differing
    assert len(unknown) < 15  # G groups that the allele they were named after has left
    assert all(text.endswith("G") for text in unknown)


def _names(release) -> list[str]:
    draw = random.Random(1)
    alleles = draw.sample(sorted(release.alleles), 2000)
    short = [name for name in draw.sample(sorted(release.suffixes), 700) if "-" in release.suffixes[name]]
    groups = [f"{name}G" for name in draw.sample(sorted(release.g_groups), 300)]
    return alleles + short + groups


def _p_group(text: str) -> str:
    """Two fields of the P group; with N for a null allele."""
    (one,) = Typing(gl=text).loci.values()
    name = one.genotypes[0][0][0]
    return f"{name.protein}N" if name.suffix == "N" else at_hand().group(name.protein)


def _plain(theirs: str) -> str:
    """The same from py-ard, which leaves an allele without a P group as it is."""
    short = ":".join(theirs.split(":")[:2])
    return f"{short.rstrip('N')}N" if theirs.endswith("N") else short.rstrip("PQLSCA")
