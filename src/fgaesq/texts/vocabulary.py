"""What to call the difference that each kind of edit makes, in few words and in sentences.

All names for differences are in this one table: the reasons shown with a ranking, the sentences
that training aligns features with, and the words by which a text is known to compare.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["WORDINGS", "Wording", "is_comparative"]


@dataclass(frozen=True, slots=True)
class Wording:
    """How the image with less of an edit differs from the one with more of it.

    Attributes:
        reason: in a few words, of the better image: `sharper`.
        opposite: the same of the worse image: `blurrier`.
        sentences: in full, of the better image; they name neither image, so that they fit any pair.
    """

    reason: str
    opposite: str
    sentences: tuple[str, ...]


def _wording(reason: str, opposite: str, *sentences: str) -> Wording:
    return Wording(reason, opposite, sentences)


WORDINGS: MappingProxyType[str, Wording] = MappingProxyType(
    {
        "defocus": _wording(
            "sharper",
            "blurrier",
            "It is sharper.",
            "The focus is better and more fine detail can be seen.",
            "Edges and textures are crisper, less out of focus.",
            "The subject is in clearer focus.",
        ),
        "motion": _wording(
            "less motion blur",
            "more motion blur",
            "There is less motion blur.",
            "The camera was held steadier, so that nothing is smeared along a direction.",
            "Moving things are better frozen, with less of a streak.",
            "It is less shaken.",
        ),
        "overexposure": _wording(
            "less overexposed",
            "more overexposed",
            "It is better exposed, with less blown out in the highlights.",
            "Bright areas keep more detail and colour.",
            "It is less overexposed.",
            "The exposure is lower and more balanced, so that the light parts are not washed out.",
        ),
        "underexposure": _wording(
            "less underexposed",
            "more underexposed",
            "It is brighter and better exposed.",
            "The shadows are lighter and show more detail.",
            "It is less underexposed.",
            "The scene is better lit, less lost in the dark.",
        ),
        "noise": _wording(
            "less noise",
            "more noise",
            "It is less noisy.",
            "There is less grain, and even areas are cleaner.",
            "The picture is cleaner, with less sensor noise in the shadows.",
            "Surfaces are smoother, with fewer random specks.",
        ),
        "chromatic_noise": _wording(
            "less coloured noise",
            "more coloured noise",
            "There is less coloured noise.",
            "Dark and even areas have fewer blotches of false colour.",
            "Colours are cleaner, with fewer red, green and blue specks.",
            "It is less speckled with colour.",
        ),
        "colour_cast": _wording(
            "more natural colours",
            "stronger colour cast",
            "The colours are more natural.",
            "The white balance is better, with less of a colour cast.",
            "Whites and greys are more neutral.",
            "It is less tinted, and skin, sky and leaves look more real.",
        ),
        "haze": _wording(
            "less haze",
            "more haze",
            "There is less haze.",
            "The air is clearer and distant things stand out better.",
            "It is less veiled, with deeper blacks and more contrast.",
            "The view is clearer, not behind a grey veil.",
        ),
        "tilt": _wording(
            "straighter horizon",
            "more tilted",
            "The horizon is straighter.",
            "The camera was held more level.",
            "It is less tilted, and upright things stand more upright.",
            "Horizontal and vertical lines are better aligned with the frame.",
        ),
        "compression": _wording(
            "fewer compression artefacts",
            "more compression artefacts",
            "There are fewer compression artefacts.",
            "It is less blocky, with less ringing around edges.",
            "The file is less compressed, and even areas show fewer square blocks.",
            "Detail is cleaner, less broken into blocks.",
        ),
        "oversaturation": _wording(
            "less garish colours",
            "more garish colours",
            "The colours are less garish.",
            "The saturation is lower and more natural.",
            "Colours are softer and keep more of their shades.",
            "It is less oversaturated, and strong colours do not glare.",
        ),
        "smear": _wording(
            "more fine texture",
            "more smeared texture",
            "More fine texture is left.",
            "Hair, grass and fabric are less smeared.",
            "Noise reduction wiped away less of the fine detail.",
            "Surfaces are less wiped smooth.",
        ),
        "oversharpening": _wording(
            "less oversharpened",
            "more oversharpened",
            "It is less oversharpened.",
            "Edges are softer and more natural, without an exaggerated crispness.",
            "The sharpening is gentler, and fine texture is less gritty.",
            "Fine detail looks less harsh and etched.",
        ),
        "halos": _wording(
            "fewer halos",
            "stronger halos",
            "There are fewer halos.",
            "Outlines have less of a bright rim against the background.",
            "Edges against the sky are cleaner, with weaker glowing borders.",
            "The transition around objects is more natural, with less of a glow.",
        ),
        "resampling": _wording(
            "higher resolution",
            "lower resolution",
            "The resolution is higher.",
            "It is less pixelated and shows smaller things.",
            "It was enlarged less, so that detail is finer.",
            "Edges are finer, with fewer steps and less softness of an enlarged small picture.",
        ),
        "upscaled": _wording(
            "more real detail",
            "more upscaling artefacts",
            "There is more real detail and less that an upscaler made up.",
            "Textures are more believable, with fewer upscaling artefacts.",
            "It looks less artificially enlarged.",
            "Detail is truer, with fewer invented patterns.",
        ),
        "plastic": _wording(
            "less plastic surfaces",
            "more plastic surfaces",
            "Surfaces look less like plastic.",
            "Skin and materials have a more natural texture.",
            "It is less retouched, less waxy and less like a painting.",
            "Areas are less flattened into patches of one colour.",
        ),
        "aliasing": _wording(
            "fewer jagged edges",
            "more jagged edges",
            "There are fewer jagged edges.",
            "Slanted lines are smoother, with fewer stair-steps.",
            "Fine patterns show less moire.",
            "Thin lines are cleaner and less broken.",
        ),
        "warping": _wording(
            "less distorted shapes",
            "more distorted shapes",
            "Shapes are less distorted.",
            "Straight things are straighter and outlines less wavy.",
            "Lines run truer, less as if seen through rippled glass.",
            "The structure is more plausible, with fewer bent or melted parts.",
        ),
        "garbled": _wording(
            "better formed details",
            "more garbled details",
            "Details are better formed.",
            "Hands, faces and letters are less garbled.",
            "Small parts fit together better, fewer of them swapped or twisted.",
            "There is less nonsense in the fine structure.",
        ),
        "ghosting": _wording(
            "less ghosting",
            "more ghosting",
            "There is less ghosting.",
            "What moved left fewer transparent copies of itself.",
            "The subject is more solid, less of a double exposure.",
            "Outlines are seen once rather than doubled.",
        ),
        "occlusion": _wording(
            "less in the way",
            "more in the way",
            "Less is in the way at the border.",
            "The view is freer, with less of a finger or twig before the lens.",
            "Fewer things near the lens hide the scene.",
            "More of the scene is unobstructed.",
        ),
        "duplicated_texture": _wording(
            "less repeated texture",
            "more repeated texture",
            "There is less repeated texture.",
            "Fewer patches look copied and pasted.",
            "The texture is more varied and natural, with fewer clones.",
            "It looks less stamped over.",
        ),
        "checkerboard": _wording(
            "less grid pattern",
            "more grid pattern",
            "There is less of a grid pattern.",
            "Even areas are cleaner, without a checkered texture over them.",
            "Fewer small squares repeat over the picture.",
            "It shows less of the pattern that generators leave.",
        ),
        "banding": _wording(
            "smoother gradients",
            "more banding",
            "Gradients are smoother.",
            "There is less banding in the sky and in shadows.",
            "Tones pass into each other more evenly, with fewer steps.",
            "It has more shades, less broken into bands.",
        ),
        "desaturation": _wording(
            "fuller colours",
            "more muted colours",
            "The colours are fuller.",
            "It is less grey, with more of the colours of the scene.",
            "Hues are livelier, less muted.",
            "There is more colour in it.",
        ),
        "cut_off": _wording(
            "more complete subject",
            "subject more cut off",
            "The subject is more complete.",
            "The framing is better, and less of the subject is cut off at the border.",
            "More of what matters is inside the frame.",
            "The crop is less tight at the side where the subject is.",
        ),
        "flat_contrast": _wording(
            "richer contrast",
            "flatter contrast",
            "The contrast is richer.",
            "It is less flat, with deeper shadows and brighter lights.",
            "Tones are more vivid, less grey.",
            "Light and dark are set off more strongly.",
        ),
        "harsh_contrast": _wording(
            "gentler contrast",
            "harsher contrast",
            "The contrast is gentler.",
            "It is less harsh, and shadows and lights keep more detail.",
            "Mid-tones are richer, less pushed to black and white.",
            "The tones are more balanced, less hard.",
        ),
        "vignette_flare": _wording(
            "more even light",
            "more vignetting or flare",
            "The light is more even over the frame.",
            "The corners are less dark and there is less flare.",
            "There are fewer stray reflections and veils of light.",
            "It is less marred by dark corners, flare or leaking light.",
        ),
    }
)
"""By the name of the edit (`datasets.edits.EDITS`)."""

_WORD = re.compile(r"[a-z]+")
_COMPARATIVES = frozenset(
    _WORD.findall(
        """
    more less fewer better worse than
    brighter calmer cleaner clearer closer colder cooler coarser crisper darker deeper denser duller
    easier farther finer firmer flatter fresher fuller fuzzier gentler grainier greater harder
    harsher hazier heavier higher larger lighter livelier longer looser louder lower milder neater
    nearer nicer noisier paler plainer prettier purer quieter richer rougher rounder sharper shorter
    simpler slighter smaller smoother softer steadier steeper stiffer straighter stranger stronger
    subtler sweeter tenser thicker thinner tidier tighter truer uglier vaguer warmer weaker wider
    blurrier blockier busier bolder broader freer
    """
    )
)


def is_comparative(text: str) -> bool:
    """Return whether an English text has a word that compares, such as `more` or `sharper`.

    Words are looked up in a list: an ending in -er alone would also find `water` and `under`.
    """
    return not _COMPARATIVES.isdisjoint(_WORD.findall(text.lower()))
