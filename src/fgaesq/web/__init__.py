"""What all local pages share: the guard before them, how they are served, their pictures.

The assets beside it are plain JavaScript modules and style sheets: `gestures.js` (press, drag,
pinch, swipe), `compare.js` (two images with one zoom), `parts.css`. Needs the extra `web`.
"""
