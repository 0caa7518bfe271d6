"""From votes to one order per series, with annotators weighed and intervals.

Pure functions of arrays (`ballots.Ballots`); `calibration.calibrate` joins them, `sampling` says
what to ask next, `simulation` makes votes of known truth to test both.
"""
