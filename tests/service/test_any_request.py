"""Whatever the description allows, and whatever it forbids, is answered as it says."""

import os
import subprocess
import sys
from pathlib import Path

from tests.service.client import Server

#: `make check-all` tries more: every limit of every parameter, chains of requests, and so many requests an operation.
THOROUGH = bool(os.environ.get("TRIALGRAPH_FAULTS_RECORDS"))
REQUESTS = ("--max-examples", "20") if THOROUGH else ("--max-examples", "1", "--phases", "examples,fuzzing")
#: A text of any letters is valid by the description, and the name of no drug: that is told with 422, as it should be.
ALL_CHECKS = ("--checks", "all", "--exclude-checks", "positive_data_acceptance")


def test_no_request_made_from_the_description_is_a_fault(served: Server, tmp_path: Path) -> None:
    """Status, media type and body are as described for each request, right or wrong; none is answered by 5xx."""
    schemathesis = Path(sys.executable).with_name("schemathesis")
    command = [str(schemathesis), "run", f"{served.address}/openapi.json", "--seed", "1", "--no-shrink", "--no-color"]
    told = subprocess.run(
        [*command, "--continue-on-failure", *ALL_CHECKS, *REQUESTS],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "Tested: " in told.stdout, told.stdout
