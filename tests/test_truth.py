"""The flagship question on real trials and full ontologies: every row of the truth is reproduced."""

import csv
from pathlib import Path

import pytest

from kg.build import Knowledge, load_knowledge
from kg.linking import Linker, find_roles
from kg.readers import read_records
from kg.reasoning.closure import close_trial
from kg.vocab import expand

HCC, MTOR = expand("mesh:D006528"), expand("class:mTORInhibitor")
EVIDENCE = {
    "condition": "tg:studies",
    "mesh": "tg:indexedWith",
    "title": "tg:titleMentions",
    "keyword": "tg:keywordMentions",
}


@pytest.fixture(scope="module")
def knowledge(data: Path) -> Knowledge:
    """All full ontologies."""
    return load_knowledge(str(path) for path in sorted((data / "ontologies").glob("*.gz")))


@pytest.mark.data
def test_every_row_of_the_truth_is_reproduced(data: Path, knowledge: Knowledge) -> None:
    """Evidence for hepatocellular carcinoma, the mTOR inhibitor under test, and the answer, trial by trial."""
    flagship = data / "trials" / "flagship"
    with (flagship / "TRUTH.tsv").open(encoding="utf-8") as stream:
        truth = {row["nct"]: row for row in csv.DictReader(stream, delimiter="\t")}
    linker, seen = Linker(knowledge.lexicon), 0
    for outcome in read_records([flagship]):
        if outcome.trial is None:
            continue
        trial, seen = outcome.trial, seen + 1
        links = linker.link_trial(trial).links
        concepts = knowledge.lexicon.concepts
        found = close_trial(trial.nct_id, links, find_roles(trial), concepts, knowledge.classes).concepts
        evidence = next((kind for kind, curie in EVIDENCE.items() if HCC in found.get(curie, ())), "none")
        row = truth[trial.nct_id]
        tests_mtor = MTOR in found.get("tg:tests", ())
        assert evidence == row["hcc_evidence"], trial.nct_id
        assert tests_mtor == (row["mtor_drug"] != "none"), trial.nct_id
        answer = evidence != "none" and tests_mtor and trial.overall_status == "TERMINATED"
        assert answer == (row["answer_with_title"] == "yes"), trial.nct_id
    assert seen == len(truth)
