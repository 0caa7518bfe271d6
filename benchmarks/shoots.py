"""Constructed shoots: what a photographer brings home, made from photos, with known groups.

Each photo of the pool is a scene that is photographed once or several times: with an unsteady hand
(shift, tilt, zoom), light that changes, subjects that move, noise, and the times and exposures that
a camera writes. Nothing here looks at how groups are found.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage
from PIL import ImageFilter

from fgaesq.capture.records import Capture
from fgaesq.desk.grouping import Group, Sighting
from fgaesq.desk.likeness import fingerprint
from fgaesq.desk.records import PROTECTED, GroupKind
from fgaesq.types import Image

__all__ = ["EVENTS", "Outcome", "TrueGroup", "make_shoot", "measure", "pool", "split_of"]

FRAME_PX = 400  # long side of the frames
WINDOW = 0.84  # share of the scene that a frame shows: the rest is room to shift


@dataclass(frozen=True, slots=True)
class TrueGroup:
    """Photos that belong together.

    Attributes:
        event: how they were made, a key of `EVENTS`.
        kind: what they are to each other.
        members: ids.
    """

    event: str
    kind: GroupKind
    members: tuple[int, ...]


@dataclass(slots=True)
class Shoot:
    """A shoot in the making.

    Attributes:
        rng: what is drawn from.
        scenes: photos not used yet.
        whole: whether the cameras write whole seconds only.
        now: the time at the place.
        sightings, truth: made so far.
        frames: small pictures by id, if they are kept.
    """

    rng: np.random.Generator
    scenes: list[Path]
    whole: bool = False
    now: datetime = datetime(2025, 6, 14, 9, 0, 0, 120_000)  # noqa: DTZ001 - a camera's clock
    sightings: list[Sighting] = field(default_factory=list)
    truth: list[TrueGroup] = field(default_factory=list)
    frames: dict[int, PILImage.Image] | None = None

    def scene(self) -> NDArray[np.float32]:
        """Return the next photo as linear light, long side about 500 px."""
        with PILImage.open(self.scenes.pop()) as picture:
            upright = picture.convert("RGB")
            upright.thumbnail((FRAME_PX / WINDOW, FRAME_PX / WINDOW), PILImage.Resampling.BICUBIC)
        return _linear(upright)

    def uniform(self, most: float) -> float:
        """Draw from -most to most."""
        return float(self.rng.uniform(-most, most))

    def add(
        self, image: Image, capture: Capture, *, folder: str = "DCIM/100", name: str = ""
    ) -> int:
        """Take note of a photo; return its id."""
        number = len(self.sightings)
        name = name or f"IMG_{number:04d}.JPG"
        height, width = image.shape[:2]
        capture = replace(capture, width=width * 10, height=height * 10)
        if self.whole and capture.taken is not None:
            capture = replace(capture, taken=capture.taken.replace(microsecond=0))
        self.sightings.append(Sighting(number, folder, name, capture, fingerprint(image)))
        if self.frames is not None:
            small = PILImage.fromarray(image)
            small.thumbnail((160, 160))
            self.frames[number] = small
        return number

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=float(seconds))

    def group(self, event: str, kind: GroupKind, members: Sequence[int]) -> None:
        """Take note of a true group."""
        self.truth.append(TrueGroup(event, kind, tuple(members)))


CAMERA = Capture(
    time_source="exif",
    make="Maker",
    model="One",
    serial="1",
    exposure_s=1 / 250,
    aperture=5.6,
    iso=200,
    focal_mm=50,
    bias_ev=0.0,
)


def split_of(name: str) -> str:
    """Return `chosen` or `held_out`: thresholds are chosen on the first, measured on the second."""
    return "chosen" if zlib.crc32(name.encode()) % 2 else "held_out"


def pool(folder: Path, split: str) -> list[Path]:
    """Return the photos of a split, by name."""
    return [path for path in sorted(folder.glob("*.jpg")) if split_of(path.name) == split]


def frame(
    shoot: Shoot,
    scene: NDArray[np.float32],
    *,
    shift: tuple[float, float] = (0.0, 0.0),
    tilt_deg: float = 0.0,
    zoom: float = 1.0,
    stops: float = 0.0,
    blur_px: float = 0.0,
    noise: float = 0.006,
) -> Image:
    """Photograph a scene: `shift` in shares of the frame, `stops` brighter."""
    height, width = (round(side * WINDOW) for side in scene.shape[:2])
    angle = np.deg2rad(tilt_deg)
    cos, sin = np.cos(angle) / zoom, np.sin(angle) / zoom
    x, y = scene.shape[1] / 2 + shift[1] * width, scene.shape[0] / 2 + shift[0] * height
    affine = (
        cos, -sin, x - cos * width / 2 + sin * height / 2,
        sin, cos, y - sin * width / 2 - cos * height / 2,
    )  # fmt: skip
    light = np.clip(scene * 2.0**stops, 0, 1) ** (1 / 2.2)
    picture = PILImage.fromarray((255 * light).astype(np.uint8))
    moved = picture.transform(
        (width, height), PILImage.Transform.AFFINE, affine, PILImage.Resampling.BICUBIC
    )
    if blur_px:
        moved = moved.filter(ImageFilter.GaussianBlur(blur_px))
    grain = shoot.rng.normal(0, 255 * noise, (height, width, 1))
    return np.clip(np.asarray(moved, np.float32) + grain, 0, 255).astype(np.uint8)


def handheld(shoot: Shoot, reach: float) -> dict[str, object]:
    """Return how an unsteady hand frames: shift up to `reach`, tilt and zoom in proportion."""
    return {
        "shift": (shoot.uniform(reach), shoot.uniform(reach)),
        "tilt_deg": shoot.uniform(40 * reach),
        "zoom": 1 + shoot.uniform(reach),
    }


def with_subject(
    shoot: Shoot,
    scene: NDArray[np.float32],
    subject: NDArray[np.float32],
    place: tuple[float, float],
) -> NDArray[np.float32]:
    """Return the scene with a subject, a soft ellipse of another photo, centred at `place`."""
    height, width = subject.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    alpha = np.clip((1 - y * y - x * x) * 4, 0, 1)[..., None].astype(np.float32)
    top = int(np.clip(place[0], 0, 1) * (scene.shape[0] - height))
    left = int(np.clip(place[1], 0, 1) * (scene.shape[1] - width))
    mixed = scene.copy()
    part = mixed[top : top + height, left : left + width]
    mixed[top : top + height, left : left + width] = alpha * subject + (1 - alpha) * part
    return mixed


def burst(shoot: Shoot) -> None:
    """3 to 12 frames at 3 to 12 per second: a hand that shakes, often a subject that moves."""
    rng, scene = shoot.rng, shoot.scene()
    subject = None
    if rng.random() < 0.6:
        other = PILImage.fromarray((255 * shoot.scene() ** (1 / 2.2)).astype(np.uint8))
        height, width = (int(side * rng.uniform(0.2, 0.4)) for side in scene.shape[:2])
        subject = _linear(other.resize((width, height)))
    place, step = rng.uniform(0.2, 0.8, 2), rng.uniform(-0.06, 0.06, 2)
    pause = rng.uniform(0.08, 0.33)
    named = f"burst-{len(shoot.sightings)}" if rng.random() < 0.3 else ""
    members = []
    for number in range(int(rng.integers(3, 13))):
        now = scene
        if subject is not None:
            now = with_subject(
                shoot, scene, subject, (place[0] + number * step[0], place[1] + number * step[1])
            )
        image = frame(
            shoot,
            now,
            **handheld(shoot, 0.02),  # type: ignore[arg-type]
            stops=shoot.uniform(0.2),
            blur_px=float(rng.choice([0, 0, 0, 1.5])),
        )
        members.append(shoot.add(image, replace(CAMERA, taken=shoot.now, burst=named)))
        shoot.wait(pause * rng.uniform(0.9, 1.3))
    shoot.group("burst", "series", members)


def retries(shoot: Shoot) -> None:
    """2 to 5 photos of one scene, half a minute to eight minutes apart, framed anew."""
    rng, scene = shoot.rng, shoot.scene()
    members = []
    for _ in range(int(rng.integers(2, 6))):
        image = frame(shoot, scene, **handheld(shoot, 0.045), stops=shoot.uniform(0.4))  # type: ignore[arg-type]
        members.append(shoot.add(image, replace(CAMERA, taken=shoot.now)))
        if rng.random() < 0.3:
            shoot.wait(rng.uniform(10, 60))
            other = frame(shoot, shoot.scene())
            shoot.group("single", "single", [shoot.add(other, replace(CAMERA, taken=shoot.now))])
        shoot.wait(rng.uniform(30, 480))
    shoot.group("retries", "series", members)


def singles(shoot: Shoot) -> None:
    """3 to 8 photos of different scenes, 1 to 5 s apart."""
    for _ in range(int(shoot.rng.integers(3, 9))):
        image = frame(shoot, shoot.scene(), **handheld(shoot, 0.02))  # type: ignore[arg-type]
        shoot.group("single", "single", [shoot.add(image, replace(CAMERA, taken=shoot.now))])
        shoot.wait(shoot.rng.uniform(1, 5))


def bracket(shoot: Shoot) -> None:
    """3, 5 or 7 exposures of one framing, 2/3 to 2 stops apart; half of them flagged as such."""
    rng, scene = shoot.rng, shoot.scene()
    half = int(rng.integers(1, 4))
    step = float(rng.choice([0.67, 1.0, 2.0] if half == 1 else [0.67, 1.0]))
    stops = sorted((step * k for k in range(-half, half + 1)), key=abs)
    if rng.random() < 0.5:
        stops = sorted(stops)
    flagged, manual, place = rng.random() < 0.5, rng.random() < 0.5, handheld(shoot, 0.01)
    members = []
    for stop in stops:
        steady = handheld(shoot, 0.004) if rng.random() < 0.5 else place
        capture = replace(
            CAMERA,
            taken=shoot.now,
            exposure_s=2.0**stop / 125,
            bias_ev=0.0 if manual else stop,
            auto_bracket=bool(flagged),
        )
        image = frame(shoot, scene, **steady, stops=stop - 0.3)  # type: ignore[arg-type]
        members.append(shoot.add(image, capture))
        shoot.wait(rng.uniform(0.15, 1.5) + 2.0**stop / 125)
    shoot.group("bracket", "bracket", members)


def focus_stack(shoot: Shoot) -> None:
    """5 to 12 photos, the focus moving through a depth that grows across the frame."""
    rng, scene = shoot.rng, shoot.scene()
    height, width = scene.shape[:2]
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    depth = np.cos(angle) * x + np.sin(angle) * y + 0.1 * np.sin(7 * x + 5 * y)
    depth = (depth - depth.min()) / np.ptp(depth)
    number = int(rng.integers(5, 13))
    told = rng.random() < 0.5
    levels = _blurred_versions(scene)
    members = []
    for focus in np.linspace(0.05, 0.95, number):
        amount = np.clip(np.abs(depth - focus) * 6, 0, len(levels) - 1.001)
        low = amount.astype(int)
        part = (amount - low)[..., None].astype(np.float32)
        rows, columns = np.indices(depth.shape)
        seen = (1 - part) * levels[low, rows, columns] + part * levels[low + 1, rows, columns]
        image = frame(shoot, seen, zoom=1 + 0.01 * float(focus), stops=0.0, noise=0.003)
        capture = replace(CAMERA, taken=shoot.now, focus_m=0.3 + float(focus) if told else None)
        members.append(shoot.add(image, capture))
        shoot.wait(rng.uniform(0.3, 2.0))
    shoot.group("focus_stack", "focus_stack", members)


def _blurred_versions(scene: NDArray[np.float32]) -> NDArray[np.float32]:
    picture = PILImage.fromarray((255 * scene ** (1 / 2.2)).astype(np.uint8))
    blurred = [picture.filter(ImageFilter.GaussianBlur(radius)) for radius in (0, 1, 2, 3, 4)]
    return np.stack([_linear(one) for one in blurred])


def _linear(picture: PILImage.Image) -> NDArray[np.float32]:
    """Return a picture as linear light, 0 to 1."""
    light: NDArray[np.float32] = ((np.asarray(picture, np.float32) / 255) ** 2.2).astype(np.float32)
    return light


def panorama(shoot: Shoot) -> None:
    """3 to 6 photos of one exposure, each of which continues the last by 25 to 65 %."""
    rng = shoot.rng
    scene = shoot.scene()
    upright = scene.shape[0] > scene.shape[1]
    scene = np.swapaxes(scene, 0, 1) if upright else scene
    number = int(rng.integers(3, 7))
    step = rng.uniform(0.25, 0.65)
    height = round(scene.shape[0] * 0.9)
    width = int(scene.shape[1] * 0.96 / (1 + (number - 1) * step * 1.05))
    order = range(number) if rng.random() < 0.5 else range(number - 1, -1, -1)
    members = []
    for place in order:
        left = int((place * step + shoot.uniform(0.03) * step) * width) + 6
        left = int(np.clip(left, 0, scene.shape[1] - width))
        top = int((scene.shape[0] - height) * rng.uniform(0.2, 0.8))
        seen = scene[top : top + height, left : left + width]
        seen = np.swapaxes(seen, 0, 1) if upright else seen
        seen = seen * np.float32(2 ** shoot.uniform(0.05))
        image = (255 * np.clip(seen, 0, 1) ** (1 / 2.2)).astype(np.uint8)
        grain = rng.normal(0, 1.5, image.shape)
        image = np.clip(image + grain, 0, 255).astype(np.uint8)
        large = PILImage.fromarray(image)
        large = large.resize((large.width * 2, large.height * 2), PILImage.Resampling.BICUBIC)
        members.append(shoot.add(np.asarray(large), replace(CAMERA, taken=shoot.now)))
        shoot.wait(rng.uniform(0.8, 4))
    shoot.group("panorama", "panorama", members)


def timelapse(shoot: Shoot) -> None:
    """24 to 40 photos at an even interval of 2 to 30 s; light drifts, a cloud passes."""
    rng, scene, cloud = shoot.rng, shoot.scene(), shoot.scene()
    height, width = (side // 3 for side in scene.shape[:2])
    cloud = cloud[:height, :width]
    interval = rng.uniform(2, 30)
    drift = shoot.uniform(0.06)
    members = []
    for number in range(int(rng.integers(24, 41))):
        seen = with_subject(shoot, scene, cloud, (0.1, number / 40))
        image = frame(shoot, seen, stops=drift * number)
        members.append(shoot.add(image, replace(CAMERA, taken=shoot.now)))
        shoot.wait(interval + shoot.uniform(0.02 * interval))
    shoot.group("timelapse", "timelapse", members)


def untimed(shoot: Shoot) -> None:
    """2 to 4 edited versions of a photo without a capture time, in a folder with other scenes."""
    rng, scene = shoot.rng, shoot.scene()
    first = len(shoot.sightings)
    members = []
    for number in range(int(rng.integers(2, 5))):
        image = frame(shoot, scene, **handheld(shoot, 0.02), stops=shoot.uniform(0.5))  # type: ignore[arg-type]
        name = f"render-{first:04d}-{number}.png"
        members.append(shoot.add(image, Capture(), folder="generated", name=name))
    shoot.group("untimed", "series", members)


def two_cameras(shoot: Shoot) -> None:
    """One scene by two cameras whose clocks differ by 20 min to 3 h."""
    rng, scene = shoot.rng, shoot.scene()
    other = replace(CAMERA, model="Two", serial="2")
    offset = timedelta(seconds=float(rng.uniform(1200, 10800)))
    members = []
    for number in range(int(rng.integers(3, 7))):
        image = frame(shoot, scene, **handheld(shoot, 0.03), stops=shoot.uniform(0.3))  # type: ignore[arg-type]
        second = number % 2
        capture = replace(
            other if second else CAMERA, taken=shoot.now - offset if second else shoot.now
        )
        folder = "DCIM/200" if second else "DCIM/100"
        members.append(shoot.add(image, capture, folder=folder))
        shoot.wait(rng.uniform(0.5, 6))
    shoot.group("two_cameras", "series", members)


EVENTS: dict[str, Callable[[Shoot], None]] = {
    "burst": burst,
    "retries": retries,
    "single": singles,
    "bracket": bracket,
    "focus_stack": focus_stack,
    "panorama": panorama,
    "timelapse": timelapse,
    "untimed": untimed,
    "two_cameras": two_cameras,
}
_SHARES = (0.26, 0.14, 0.18, 0.1, 0.08, 0.08, 0.04, 0.06, 0.06)


def make_shoot(
    photos: Sequence[Path],
    rng: np.random.Generator,
    *,
    events: Sequence[str] | int = 30,
    keep_frames: bool = False,
) -> Shoot:
    """Return a shoot of some events in random order, 5 s to 10 min apart, no scene used twice.

    Args:
        photos: the scenes; an event takes 1 to 9 of them.
        rng: what is drawn from.
        events: names of events, or how many to draw.
        keep_frames: whether small pictures are kept, to be looked at.
    """
    if isinstance(events, int):
        events = [str(name) for name in rng.choice(list(EVENTS), events, p=_SHARES)]
    scenes = [photos[int(place)] for place in rng.permutation(len(photos))]
    shoot = Shoot(rng, scenes, frames={} if keep_frames else None, whole=bool(rng.random() < 0.3))
    for event in events:
        EVENTS[event](shoot)
        shoot.wait(np.exp(rng.uniform(np.log(5), np.log(600))))
    return shoot


@dataclass(frozen=True, slots=True)
class Outcome:
    """How found groups compare with the true ones; counts can be added over shoots.

    Attributes:
        both, found, true: pairs of photos in one group: in both, as found, in truth.
        exact: per event, how many true groups were found exactly, of how many.
        kinds: per event, how many photos ended in a group of which kind.
        unprotected: photos of protected sets that ended in a series.
        protected: photos of protected sets.
    """

    both: int
    found: int
    true: int
    exact: dict[str, tuple[int, int]]
    kinds: dict[str, dict[str, int]]
    unprotected: int
    protected: int


def measure(truth: Sequence[TrueGroup], groups: Sequence[Group]) -> Outcome:
    """Compare found groups with the true ones."""
    kind = {member: one.kind for one in groups for member in one.members}
    label = {member: number for number, one in enumerate(groups) for member in one.members}
    found_sets = {frozenset(one.members) for one in groups}
    both = unprotected = protected = 0
    exact: dict[str, tuple[int, int]] = {}
    kinds: dict[str, dict[str, int]] = {}
    for one in truth:
        labels = np.unique([label[member] for member in one.members], return_counts=True)[1]
        both += int((labels * (labels - 1) // 2).sum())
        hit, of = exact.get(one.event, (0, 0))
        exact[one.event] = (hit + (frozenset(one.members) in found_sets), of + 1)
        table = kinds.setdefault(one.event, {})
        for member in one.members:
            table[kind[member]] = table.get(kind[member], 0) + 1
        if one.kind in PROTECTED:
            protected += len(one.members)
            unprotected += sum(kind[member] == "series" for member in one.members)
    return Outcome(
        both=both,
        found=sum(_pairs(len(one.members)) for one in groups),
        true=sum(_pairs(len(one.members)) for one in truth),
        exact=exact,
        kinds=kinds,
        unprotected=unprotected,
        protected=protected,
    )


def _pairs(number: int) -> int:
    return number * (number - 1) // 2
