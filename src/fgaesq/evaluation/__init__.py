"""Evaluation: metrics, simple competitors, and the benchmarks that are reported."""
