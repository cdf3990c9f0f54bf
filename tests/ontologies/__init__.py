"""The catalogue of ontologies: sources, fetching, the publishers' formats."""
