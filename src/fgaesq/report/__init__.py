"""Results as people and programs read them: text formats, pictures and a web page.

* `formats`: JSON, CSV and NDJSON of documented shape.
* `table`: tables for terminals.
* `picture`: a ranked series, a comparison or a difference map as one picture.
* `html`: a ranking as one self-contained page.

Only values come in (`fgaesq.types`) and only text or pictures go out: nothing here reads a photo,
writes a file or prints.
"""
