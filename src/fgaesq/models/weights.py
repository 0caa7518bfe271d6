"""Model folders: weights, their checksums and how they must be fed, kept together.

A folder holds `model.json` (below), `model.onnx` (for the base install), `CARD.md` and, where the
weights were imported or trained here, `model.safetensors` (for the torch engine, which reads the
ONNX file without it). A model that can say why one image is better than another also has
`reasons.json` (`models.reasons_file`)::

    {"format": 1, "model": "fgaesq-s", "version": "0.1.0", "temperature": 0.8,
     "preprocessing": {"mean": [...], "std": [...], "layout": {...}},
     "files": {"model.onnx": "<sha256>", ...}, "licence": "...", "provenance": {...}}
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fgaesq.errors import MissingExtraError, UnknownNameError, WeightsError
from fgaesq.models.specs import ModelSpec, find_spec
from fgaesq.storage.digests import file_sha256

if TYPE_CHECKING:
    from torch import Tensor

__all__ = [
    "REASONS_FILE",
    "ModelFolder",
    "check_new_folder",
    "embedded_models",
    "find_model",
    "load_state",
    "open_folder",
    "save_state",
    "write_manifest",
]

_EMBEDDED = Path(__file__).parent / "embedded"
REASONS_FILE = "reasons.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model on disk whose manifest has been read and checked against its spec.

    Attributes:
        path: the folder.
        spec: what the model is.
        version: of the weights.
        temperature: t of P(A beats B) = sigmoid((score_A - score_B) / t).
        licence: of the weights.
        files: sha256 by file name.
        provenance: where the weights come from; free-form.
    """

    path: Path
    spec: ModelSpec
    version: str
    temperature: float
    licence: str
    files: Mapping[str, str]
    provenance: Mapping[str, Any]

    def weights_file(self, engine: str) -> str:
        """Return the name of the file that an engine, `onnx` or `torch`, has its weights from."""
        stored = engine == "torch" and "model.safetensors" in self.files
        return "model.safetensors" if stored else "model.onnx"

    def verified(self, name: str) -> Path:
        """Return the path of one of the files.

        Raises:
            WeightsError: the model has no such file, it is missing, or its checksum is wrong.
        """
        path = self.path / name
        if name not in self.files:
            raise WeightsError(f"{self.path}: this model has no {name}; use the other engine")
        if not path.is_file():
            raise WeightsError(f"{path}: missing; import or install the model again")
        stat = path.stat()
        found = _sha256_of(path, stat.st_size, stat.st_mtime_ns)
        if found != self.files[name]:
            raise WeightsError(
                f"{path}: sha256 is {found[:12]}…, model.json says {self.files[name][:12]}…; "
                "the file is damaged or was changed, import or install the model again"
            )
        return path


def find_model(name: str | Path) -> ModelFolder:
    """Return the embedded model of that name, or the model in the folder of that path.

    A folder with the name of an embedded model has to be given as a `Path`, or as `./name`: what
    lies in the current folder must not change what a name means.

    Raises:
        UnknownNameError: it is neither.
        WeightsError: the spec is known but has no weights here, or the folder is not sound.
    """
    if isinstance(name, str) and name in embedded_models():
        return open_folder(_EMBEDDED / name)
    if Path(name).is_dir():
        return open_folder(Path(name))
    if isinstance(name, Path) or "/" in name or "\\" in name:
        raise WeightsError(f"{name}: no such folder; give the folder of an imported model")
    spec = find_spec(name)
    if spec.source == "embedded":
        raise WeightsError(f"{name}: its files are missing; install fgaesq again")
    raise WeightsError(
        f"{name}: its weights are not part of the package; "
        f"get them by: {spec.source}, then give the folder as the model"
    )


def embedded_models() -> tuple[str, ...]:
    """Return the names of the models that come with the package."""
    if not _EMBEDDED.is_dir():
        return ()
    return tuple(sorted(p.name for p in _EMBEDDED.iterdir() if (p / "model.json").is_file()))


def open_folder(path: Path) -> ModelFolder:
    """Read and check a model folder's manifest (not yet the files it names).

    Raises:
        WeightsError: there is no manifest, it is not of our format, or its preprocessing is not
            what this version of the package does: scores would be wrong without a word.
    """
    manifest = path / "model.json"
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
        if content["format"] != _FORMAT:
            raise WeightsError(
                f"{manifest}: format {content['format']}, this version reads {_FORMAT}; "
                "import the model again"
            )
        folder = ModelFolder(
            path=path,
            spec=find_spec(content["model"]),
            version=str(content["version"]),
            temperature=float(content["temperature"]),
            licence=str(content["licence"]),
            files=dict(content["files"]),
            provenance=dict(content["provenance"]),
        )
        _check_preprocessing(manifest, dict(content["preprocessing"]), folder.spec)
    except FileNotFoundError:
        raise WeightsError(
            f"{path}: has no model.json; give a folder written by 'fgaesq weights import'"
        ) from None
    except UnknownNameError as error:
        raise WeightsError(f"{manifest}: {error}; it may need a newer fgaesq") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"{manifest}: not a sound model manifest ({type(error).__name__}: {error}); "
            "import the model again"
        ) from None
    if not folder.files or not 0 < folder.temperature < math.inf:
        raise WeightsError(
            f"{manifest}: names {len(folder.files)} files and temperature {folder.temperature:g}, "
            "needs at least one and a number above 0; import the model again"
        )
    return folder


def check_new_folder(path: Path) -> None:
    """Check that a model can be written to `path` without mixing with what is there.

    Raises:
        WeightsError: it exists and is not an empty folder.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise WeightsError(f"{path}: is not an empty folder; give a new one to --out")


def write_manifest(
    folder: Path,
    spec: ModelSpec,
    *,
    version: str,
    temperature: float,
    licence: str,
    provenance: Mapping[str, Any],
) -> None:
    """Write `model.json` for the weights, and the words for reasons, that are in `folder`."""
    known = ("model.onnx", "model.safetensors", REASONS_FILE)
    names = [name for name in known if (folder / name).is_file()]
    content = {
        "format": _FORMAT,
        "model": spec.name,
        "version": version,
        "temperature": temperature,
        "preprocessing": _preprocessing(spec),
        "files": {name: file_sha256(folder / name) for name in names},
        "licence": licence,
        "provenance": dict(provenance),
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    (folder / "model.json").write_text(text, encoding="utf-8")


def save_state(state: Mapping[str, Tensor], path: Path) -> None:
    """Write tensors as safetensors.

    Raises:
        MissingExtraError: safetensors is not installed.
    """
    try:
        from safetensors.torch import save_file
    except ImportError:
        raise MissingExtraError("writing safetensors", "train") from None
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, path)


def load_state(path: Path) -> dict[str, Tensor]:
    """Read tensors from safetensors.

    Raises:
        MissingExtraError: safetensors is not installed.
        WeightsError: the file is not sound.
    """
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ImportError:
        raise MissingExtraError("reading safetensors", "train") from None
    try:
        return load_file(path)
    except SafetensorError as error:
        raise WeightsError(f"{path}: not a sound safetensors file ({error})") from None


def _preprocessing(spec: ModelSpec) -> dict[str, Any]:
    return {
        "mean": list(spec.normalisation.mean),
        "std": list(spec.normalisation.std),
        "layout": asdict(spec.layout),
    }


def _check_preprocessing(manifest: Path, found: dict[str, Any], spec: ModelSpec) -> None:
    wanted = _preprocessing(spec)
    found["layout"].setdefault("statistics", False)  # folders written before there were any
    for key, value in wanted.items():
        if found.get(key) != value:
            raise WeightsError(
                f"{manifest}: preprocessing '{key}' is {found.get(key)}, "
                f"this version of {spec.name} has {value}; import the model again"
            )


@lru_cache(maxsize=64)
def _sha256_of(path: Path, size: int, modified_ns: int) -> str:
    """Return the checksum; computed again when the file changes."""
    del size, modified_ns
    return file_sha256(path)
