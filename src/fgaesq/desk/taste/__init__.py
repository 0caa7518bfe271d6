"""A person's taste, learned from picks: a small head on the features of the model."""

from fgaesq.desk.taste.learning import TasteUse, fit_taste, lay_taste, shown_pairs, taste_use

__all__ = ["TasteUse", "fit_taste", "lay_taste", "shown_pairs", "taste_use"]
