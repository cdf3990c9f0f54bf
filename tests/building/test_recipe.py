"""What decides what becomes of a record has a name that changes with it."""

import subprocess
import sys

from kg.building.recipe import ROOMS


def test_code_that_makes_pieces_is_part_of_the_recipe() -> None:
    """Every module of ours that is loaded for making pieces, by whatever way."""
    program = "import sys, kg.building.worker; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[1] for name in done.stdout.split() if name.startswith("kg.")}
    assert {"building", "linking", "mapping", "model", "readers"} <= loaded
    assert loaded <= set(ROOMS)
