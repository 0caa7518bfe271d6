"""Refinement: what does not belong into a dataset of series goes, with a reason, step by step.

The paper's Series Refinement (arXiv 2603.03907, Figure 3): `metrics` measures, `context` asks a
multimodal model, and people have the last word on a page. Each step only drops; what a step before
it dropped it does not look at.
"""

from fgaesq.building.refine.metrics import MetricsStep, refine_by_metrics
from fgaesq.building.refine.recipe import RefineRecipe, read_refine_recipe

__all__ = ["MetricsStep", "RefineRecipe", "read_refine_recipe", "refine_by_metrics"]
