"""The door for people: what the service knows, as pages. They work without script, and load nothing from elsewhere.

`make_site` makes the whole application: the service's own routes, and pages before them.
"""

from kg.pages.site import ROUTES, make_site

__all__ = ["ROUTES", "make_site"]
