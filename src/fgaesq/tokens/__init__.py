"""DiffToken: from images to mixed-resolution tokens. NumPy and Pillow only, pure functions.

`difftoken` is our own `series` tokenizer, `reference` the released behaviour, `positions` what both
share with the engines.
"""
