"""What all local pages share: guard, errors, frame, keys, scripts and styles, pictures, serving.

`assets/page.html`, `page.css` and `common.js` are the frame of a page, `grid.js` is an overview of
very many cards, `compare.js` and `compare.css` show two images with one zoom. They need
`gestures.js` and `colours.css` of `report/assets`, which the self-contained pages use too. All of
it needs the extra `web`.
"""

from fgaesq.errors import MissingExtraError

__all__ = ["missing_web"]


def missing_web(error: ModuleNotFoundError, what: str) -> Exception:
    """Return the error that names the extra `web`, or `error` itself if the fault is ours."""
    if (error.name or "").split(".")[0] == "fgaesq":
        return error
    return MissingExtraError(what, "web")
