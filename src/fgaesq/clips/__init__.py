"""The best frame of a clip: MP4, MOV, the clips of Live Photos and of Motion Photos.

A clip is glanced through at a bounded rate and size (`survey`), divided into scenes, and cleared of
blurred and repeated frames (`candidates`, pure functions); the model ranks what is left, and the
chosen frames are decoded once more at full size (`covers`). Frames are decoded by PyAV (extra
`video`), in `frames` only.
"""
