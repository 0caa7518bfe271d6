"""Readers of published datasets and of our own format; `datasets.reading` lists them."""
