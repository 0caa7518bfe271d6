"""Engines: token sets in, features and logits out. One file a runtime."""

from fgaesq.engines.base import Engine, EngineOptions, Outputs, open_engine, usable_cores

__all__ = ["Engine", "EngineOptions", "Outputs", "open_engine", "usable_cores"]
