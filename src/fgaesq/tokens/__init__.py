"""DiffToken: from images to mixed-resolution tokens. NumPy and Pillow only, pure functions."""
