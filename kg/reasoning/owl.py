"""What runs in the reasoner's process: a `Task` from standard input, its answer into the task's file.

Run by `kg.reasoning.hermit`, never imported: owlready2 keeps one state a process.
"""

import resource
import sys
from pathlib import Path

import msgspec

from kg.reasoning.hermit import Classification, Task

__all__ = ["main"]


def main() -> None:
    """Answers the task on standard input."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    task.answer().write_bytes(msgspec.json.encode(_classify(task)))


def _classify(task: Task) -> Classification:
    import owlready2
    from owlready2 import reasoning

    owlready2.JAVA_EXE = task.java
    reasoning.JAVA_MEMORY = task.memory_mb
    world = owlready2.World()
    try:
        with Path(task.module).open("rb") as stream:
            ontology = world.get_ontology("http://module/").load(fileobj=stream)
        with ontology:
            owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
    except owlready2.OwlReadyInconsistentOntologyError:
        return Classification(consistent=False, memory_mb=_memory_mb())
    except (owlready2.OwlReadyOntologyParsingError, owlready2.OwlReadyJavaError) as error:
        return Classification(consistent=False, problem=" ".join(str(error).split())[:500])
    found = {iri: world[iri] for iri in task.individuals}
    return Classification(
        consistent=True,
        types={iri: _classes(individual) for iri, individual in found.items() if individual is not None},
        unsatisfiable=tuple(sorted(c.iri for c in world.inconsistent_classes() if c.iri != owlready2.Nothing.iri)),
        memory_mb=_memory_mb(),
    )


def _classes(individual: object) -> tuple[str, ...]:
    named = (getattr(above, "iri", "") for above in individual.INDIRECT_is_a)  # type: ignore[attr-defined]
    return tuple(sorted(iri for iri in named if iri))


def _memory_mb() -> int:
    """The peak of the processes that have ended: of Java."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


if __name__ == "__main__":
    main()
