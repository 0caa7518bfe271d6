"""Evaluation: metrics on series and the benchmarks that report them."""
