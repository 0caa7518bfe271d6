"""What all local pages share: the guard before them, how they are served, their pictures.

`assets/compare.js` and `compare.css` show two images with one zoom; they need `gestures.js` and
`colours.css` of `report/assets`, which the self-contained pages use too. Needs the extra `web`.
"""
