"""From a released checkpoint to a model folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from fgaesq.errors import MissingExtraError
from fgaesq.models.hub import LICENCE_NOTE
from fgaesq.models.released import ImportReport, import_released
from fgaesq.models.specs import SPECS, build
from fgaesq.models.weights import check_new_folder

__all__ = ["import_checkpoint"]


def import_checkpoint(checkpoint: Path, out: Path) -> ImportReport:
    """Write `model.safetensors`, `model.onnx`, `model.json` and `CARD.md` into `out`.

    Raises:
        WeightsError: the checkpoint does not fit (the message lists how), or `out` is not empty or
            cannot be written.
        MissingExtraError: torch is not installed.
    """
    try:
        from fgaesq.engines.export import write_model_folder
    except ModuleNotFoundError:
        raise MissingExtraError("importing weights", "train") from None
    check_new_folder(out)
    state, report = import_released(checkpoint)
    spec = SPECS["fgaesq-b16"]
    model = build(spec)
    model.load_state_dict(state)
    provenance = {
        "file": checkpoint.name,
        "sha256": report.sha256,
        "keys": report.n_keys,
        "imported": datetime.now(UTC).date().isoformat(),
        "notes": list(report.notes),
    }
    write_model_folder(
        model,
        spec,
        out,
        version=f"released-{report.sha256[:8]}",
        temperature=1.0,
        licence=spec.licence,
        provenance=provenance,
    )
    (out / "CARD.md").write_text(_card(checkpoint, report), encoding="utf-8")
    return report


def _card(checkpoint: Path, report: ImportReport) -> str:
    return f"""# fgaesq-b16, imported from {checkpoint.name}

The paper's model (CLIP ViT-B/16 over mixed-resolution tokens, 86,343,370 parameters), arXiv
2603.03907, converted to the format of fgaesq.

* Source file: `{checkpoint.name}`, sha256 `{report.sha256}`, {report.n_keys} keys, of which
  {len(report.ignored)} belong to the text tower that scoring does not use.
* Licence: {LICENCE_NOTE}
* P(A beats B) = sigmoid(score A - score B), as in the paper (temperature 1): not calibrated on
  data.
* Tokenizers: `series` (deterministic; the default of fgaesq) and `reference` (the released
  behaviour; use it to reproduce published scores).
"""
