"""Building a dataset: from a heap of images to series with calibrated ranks.

The way of FGAesthetics (arXiv 2603.03907, section 3): `collect` finds series in a heap, `refine`
drops what does not belong, `annotate` asks people for pairwise votes, `calibrate` makes them one
rank per series, `publish` writes the result. What is known between these steps is kept in a
`collection`; the votes are a database of their own, as many people write it at once.
"""
