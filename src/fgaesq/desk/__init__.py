"""The photo desk: from a folder of a shoot to keepers, stars and rejects.

Files are catalogued (`catalogue`), grouped (`grouping`), ranked and proposed (`culling`), looked at
in the browser (`review`), and written to sidecars (`decisions`).
"""
