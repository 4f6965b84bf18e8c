"""Small drawings by which people know a kind of task, and the scenes that several of them share.

A drawing is 190 x 84 and needs no words: it stands beside a title. Elsewhere: the gallery (`base.Gallery`).
"""

from __future__ import annotations

SKY = '<rect width="190" height="84" fill="#a9cbe6"/>'
HILL = '<path d="M0 52c40-14 76-14 110-6s60 4 80-2v40H0z" fill="#7fae73"/>'
BIRD = '<path d="M44 66c0-17 12-25 30-25 20 0 31 5 33 15l8-10 5 9-7 11z" fill="#7b5b3d"/>'
FLYING = (
    '<path d="M140 30c5-8 11-8 15 0 5-8 11-8 15 0" fill="none" stroke="#43535a" stroke-width="3" '
    'stroke-linecap="round"/>'
)
BOX = (
    '<rect x="40" y="37" width="84" height="32" fill="#0072b2" fill-opacity=".14" stroke="#0072b2" stroke-width="2.5"/>'
)
ROAD = (
    '<rect width="190" height="84" fill="#8d9894"/><path d="M0 0h190v22H0z" fill="#a9cbe6"/>'
    '<path d="M86 22h18l66 62H20z" fill="#5a6461"/>'
)
PAPER = '<rect width="190" height="84" fill="#f3efe6"/>'
TEXT = (
    '<g fill="#b9b2a3"><rect x="20" y="16" width="104" height="6" rx="3"/>'
    '<rect x="20" y="29" width="126" height="6" rx="3"/><rect x="20" y="42" width="88" height="6" rx="3"/>'
    "</g>"
)
SOUND = '<rect width="190" height="84" fill="#ece6f3"/>'


def drawing(*parts: str) -> str:
    """The parts, one over the other, as an SVG image of 190 x 84."""
    opening = '<svg viewBox="0 0 190 84" preserveAspectRatio="xMidYMid slice" aria-hidden="true">'
    return f"{opening}{''.join(parts)}</svg>"


BY_MODALITY = {
    "image": drawing(
        SKY,
        HILL,
        '<path d="M54 66c0-17 12-25 30-25 20 0 31 5 33 15l8-10 5 9-7 11z" fill="#7b5b3d"/>'
        '<rect x="48" y="36" width="86" height="34" fill="#0072b2" fill-opacity=".14" stroke="#0072b2" '
        'stroke-width="2.5"/>',
    ),
    "text": drawing(
        PAPER,
        '<g fill="#b9b2a3"><rect x="20" y="20" width="150" height="6" rx="3"/>'
        '<rect x="20" y="36" width="60" height="6" rx="3"/>'
        '<rect x="20" y="52" width="120" height="6" rx="3"/></g>'
        '<rect x="86" y="31" width="56" height="16" rx="3" fill="#e69f00" fill-opacity=".5"/>',
    ),
    "audio": drawing(
        SOUND,
        '<g stroke="#7a5ea8" stroke-width="5" stroke-linecap="round">'
        '<path d="M40 36v12M54 26v32M68 32v20M82 18v48M96 30v24M110 22v40M124 34v16M138 28v28M152 38v8"/>'
        "</g>",
    ),
    "any": drawing(
        '<rect width="190" height="84" fill="#e0f2ee"/>'
        '<g fill="none" stroke="#0b6e5f" stroke-width="3" stroke-linecap="round" stroke-linejoin="round">'
        '<path d="M78 28 62 42l16 14M112 28l16 14-16 14M101 22 89 62"/></g>',
    ),
}
"""What stands for kinds of task without a drawing of their own."""
