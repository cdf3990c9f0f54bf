"""The door for HTTP: SPARQL, saved queries, and what stands behind each IRI. Read-only.

Queries run in worker processes, for the engine cannot be interrupted: a worker that is over its deadline is killed and
replaced, and the others go on.

`kg.service.running` serves, `kg.service.app` makes the application for whoever has a server of their own. Nothing is
imported here: workers start without what only the server needs.
"""
