"""A machine-readable description of a published dataset: Croissant 1.0 (MLCommons), JSON-LD."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fgaesq.building.publish.card import About, citation, hub_licence
from fgaesq.building.publish.finished import Finished
from fgaesq.storage.digests import file_sha256

__all__ = ["croissant"]

_OURS: Final = (
    *("citeAs", "column", "equivalentProperty", "extract", "field", "fileObject", "fileProperty"),
    *("fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField"),
    *("path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate"),
    *("separator", "source", "subField", "transform"),
)
"""The words of Croissant; the others are those of schema.org."""

_CONTEXT: Final[Mapping[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{word: f"cr:{word}" for word in _OURS},
}

_TEXT, _NUMBER, _WHOLE, _IMAGE = "sc:Text", "sc:Float", "sc:Integer", "sc:ImageObject"

_TABLES: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    "own": {
        "series.csv": {"id": _TEXT, "image": _TEXT, "series": _TEXT, "value": _NUMBER,
                       "split": _TEXT, "source": _TEXT, "maker": _TEXT, "licence": _TEXT,
                       "prompt": _TEXT},
        "pairs.csv": {"series": _TEXT, "first": _TEXT, "second": _TEXT, "p": _NUMBER,
                      "votes": _WHOLE},
    },
    "parquet": {
        "images/*.parquet": {"id": _TEXT, "series": _TEXT, "source": _TEXT, "image": _IMAGE,
                             "value": _NUMBER, "maker": _TEXT, "licence": _TEXT, "prompt": _TEXT},
        "pairs/*.parquet": {"series": _TEXT, "source": _TEXT, "first": _TEXT, "second": _TEXT,
                            "p": _NUMBER, "votes": _WHOLE},
    },
    "fgaesthetics": {
        "image_details.csv": {"image": _TEXT, "value": _NUMBER, "maker": _TEXT, "licence": _TEXT,
                              "prompt": _TEXT},
        "pair_details.csv": {"first": _TEXT, "second": _TEXT, "votes": _WHOLE},
    },
    "label-studio": {},
}  # fmt: skip
"""The tables of each format and their columns; what has no columns is only named as files."""

_OTHERS: Final[Mapping[str, Mapping[str, str]]] = {
    "own": {"images/*": "image/*"},
    "parquet": {},
    "fgaesthetics": {"label/*.txt": "text/plain", "*/*.jpg": "image/jpeg"},
    "label-studio": {"tasks.json": "application/json", "images/*": "image/*"},
}


def croissant(finished: Finished, folder: Path, *, form: str, about: About) -> dict[str, Any]:
    """Return the description of an export that lies in `folder`, ready for JSON."""
    tables = _TABLES[form]
    files = {name: _kind_of(name) for name in tables} | dict(_OTHERS[form])
    name = finished.dataset.name
    described = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": name,
        "description": about.text or f"{name}: series of near-identical images, ranked by people",
        "license": hub_licence(finished),
        "url": about.url or None,
        "citeAs": " ".join(citation(name, about).split()),
        "creator": {"@type": "sc:Person", "name": about.author} if about.author else None,
        "datePublished": datetime.now(UTC).date().isoformat(),
        "distribution": [_file(folder, name, kind) for name, kind in files.items()],
        "recordSet": [_records(name, columns) for name, columns in tables.items()],
    }
    return {key: value for key, value in described.items() if value is not None}


def _kind_of(name: str) -> str:
    return "application/x-parquet" if name.endswith(".parquet") else "text/csv"


def _file(folder: Path, name: str, kind: str) -> dict[str, Any]:
    if "*" in name:
        return {"@type": "cr:FileSet", "@id": name, "name": name, "encodingFormat": kind,
                "includes": name}  # fmt: skip
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "encodingFormat": kind,
        "sha256": file_sha256(folder / name),
    }


def _records(name: str, columns: Mapping[str, str]) -> dict[str, Any]:
    table = name.split("/")[0].split(".")[0]
    source = {"fileSet" if "*" in name else "fileObject": {"@id": name}}
    return {
        "@type": "cr:RecordSet",
        "@id": table,
        "name": table,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{table}/{column}",
                "name": column,
                "dataType": kind,
                "source": {**source, "extract": {"column": column}},
            }
            for column, kind in columns.items()
        ],
    }
