"""From what photos look like and when they were taken to groups.

Sets of which every photo is needed come first (`brackets`, `stacks`, `timelapses`, `panoramas`);
what is left is joined to series: first to moments, photos that follow each other within seconds
(`moments`), then moments that look the same, near in time or far (`merging`, `lookup`).
Rules and thresholds: docs/grouping.md.
"""

from fgaesq.desk.grouping.grouper import group
from fgaesq.desk.grouping.records import Group, GroupingSettings, Sighting

__all__ = ["Group", "GroupingSettings", "Sighting", "group"]
