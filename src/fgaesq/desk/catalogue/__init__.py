"""The catalogue: what is known of every photo, in one SQLite file of the user's data folder."""

from fgaesq.desk.catalogue.location import default_catalogue
from fgaesq.desk.catalogue.store import Catalogue

__all__ = ["Catalogue", "default_catalogue"]
