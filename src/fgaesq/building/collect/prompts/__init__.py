"""What generated images state of their making, and when two prompts are the same."""

from fgaesq.building.collect.prompts.normal import normal_prompt
from fgaesq.building.collect.prompts.reading import generation_of

__all__ = ["generation_of", "normal_prompt"]
