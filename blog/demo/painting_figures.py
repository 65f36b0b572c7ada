"""People, small and seen from afar: walking, standing, cycling, sitting, dancing."""

import numpy as np

from blog.demo.painting import Canvas, Colour, Point, Shape, mix, ring, rounded

HAIR: Colour = "#1c1a1d"
SKIN: Colour = "#c99b78"


def walker(
    canvas: Canvas,
    x: float,
    foot: float,
    tall: float,
    coat: Colour,
    legs: Colour = "#2b2d35",
    stride: float = 0.0,
    dim: float = 0.0,
    air: Colour = "#000000",
    skirt: bool = False,
) -> None:
    """Somebody on their way; stride −1…1 tells where the legs are, `dim` how far the air takes the colour."""
    coat, legs, skin, hair = (mix(c, air, dim) for c in (coat, legs, SKIN, HAIR))
    step = 0.12 * stride * tall
    hip, shoulder = foot - 0.47 * tall, foot - 0.82 * tall
    for side, shade in ((1, 0.3), (-1, 0.0)):
        tone = mix(legs, "#000000", shade)
        knee = (x + side * step * 0.55 + 0.02 * tall, foot - 0.25 * tall)
        ankle = (x + side * step, foot - 0.02 * tall)
        canvas.fill(_limb((x + side * 0.025 * tall, hip), knee, 0.085 * tall, 0.062 * tall), tone)
        canvas.fill(_limb(knee, ankle, 0.062 * tall, 0.045 * tall), tone)
        canvas.fill(
            rounded(
                [
                    (ankle[0] - 0.025 * tall, foot - 0.03 * tall),
                    (ankle[0] + 0.03 * tall, foot - 0.03 * tall),
                    (ankle[0] + 0.055 * tall, foot),
                    (ankle[0] - 0.025 * tall, foot),
                ],
                1,
            ),
            mix(hair, legs, 0.3),
        )
    _arm(canvas, x - 0.075 * tall, shoulder, -step, tall, mix(coat, "#000000", 0.3), skin)
    low = hip + (0.17 if skirt else 0.07) * tall
    hem = (0.135 if skirt else 0.1) * tall
    body = [
        (x - 0.04 * tall, shoulder - 0.025 * tall),
        (x + 0.04 * tall, shoulder - 0.025 * tall),
        (x + 0.105 * tall, shoulder + 0.02 * tall),
        (x + 0.1 * tall, shoulder + 0.14 * tall),
        (x + 0.085 * tall, shoulder + 0.22 * tall),
        (x + hem, low),
        (x + hem * 0.5, low + 0.01 * tall),
        (x - hem * 0.5, low + 0.01 * tall),
        (x - hem, low),
        (x - 0.085 * tall, shoulder + 0.22 * tall),
        (x - 0.1 * tall, shoulder + 0.14 * tall),
        (x - 0.105 * tall, shoulder + 0.02 * tall),
    ]
    canvas.fill(rounded(body), mix(coat, "#ffffff", 0.06), mix(coat, "#000000", 0.18))
    _arm(canvas, x + 0.08 * tall, shoulder, step, tall, mix(coat, "#ffffff", 0.05), skin)
    canvas.rectangle(
        x - 0.022 * tall,
        shoulder - 0.05 * tall,
        x + 0.022 * tall,
        shoulder - 0.005 * tall,
        mix(skin, hair, 0.25),
    )
    head(canvas, x + 0.006 * tall, foot - 0.925 * tall, 0.058 * tall, skin, hair)


def _arm(
    canvas: Canvas, x: float, shoulder: float, step: float, tall: float, sleeve: Colour, skin: Colour
) -> None:
    elbow = (x + 0.35 * step, shoulder + 0.18 * tall)
    hand = (x + 0.9 * step, shoulder + 0.35 * tall)
    canvas.ellipse(*hand, 0.022 * tall, 0.026 * tall, skin)
    canvas.fill(_limb((x, shoulder + 0.02 * tall), elbow, 0.062 * tall, 0.05 * tall), sleeve)
    canvas.fill(_limb(elbow, hand, 0.05 * tall, 0.038 * tall), sleeve)


def head(canvas: Canvas, x: float, y: float, radius: float, skin: Colour = SKIN, hair: Colour = HAIR) -> None:
    """A head seen from a distance: dark hair around a face."""
    canvas.ellipse(x - 0.05 * radius, y - 0.14 * radius, radius * 0.98, radius * 1.06, hair)
    canvas.ellipse(x + 0.07 * radius, y + 0.2 * radius, radius * 0.78, radius * 0.9, skin)
    canvas.fill(
        rounded(
            [
                (x - 0.85 * radius, y - 0.1 * radius),
                (x - 0.6 * radius, y - 0.95 * radius),
                (x + 0.5 * radius, y - 1.0 * radius),
                (x + 0.9 * radius, y - 0.25 * radius),
                (x + 0.25 * radius, y - 0.42 * radius),
            ]
        ),
        hair,
    )


def _limb(a: Point, b: Point, wide: float, narrow: float) -> Shape:
    """A tapered bar with round ends."""
    (ax, ay), (bx, by) = a, b
    long = float(np.hypot(bx - ax, by - ay)) or 1.0
    nx, ny = -(by - ay) / long / 2, (bx - ax) / long / 2
    tx, ty = (bx - ax) / long / 4, (by - ay) / long / 4
    return rounded(
        [
            (ax + nx * wide, ay + ny * wide),
            (ax - tx * wide, ay - ty * wide),
            (ax - nx * wide, ay - ny * wide),
            (bx - nx * narrow, by - ny * narrow),
            (bx + tx * narrow, by + ty * narrow),
            (bx + nx * narrow, by + ny * narrow),
        ],
        1,
    )


def shadow(canvas: Canvas, x: float, foot: float, tall: float, reach: float, alpha: float = 0.4) -> None:
    """What somebody of that height throws on flat ground toward `reach` (sideways, in heights)."""
    tip = (x + reach * tall, foot + 0.05 * tall * abs(reach))
    canvas.fill(
        [
            (x, foot - 0.022 * tall),
            (x, foot + 0.022 * tall),
            (tip[0], tip[1] + 0.035 * tall),
            (tip[0], tip[1] - 0.02 * tall),
        ],
        "#1a1e2a",
        alpha=alpha,
        soft=0.01 * tall,
    )


def cyclist(
    canvas: Canvas,
    x: float,
    foot: float,
    tall: float,
    coat: Colour,
    way: float = 1.0,
    dim: float = 0.0,
    air: Colour = "#000000",
) -> None:
    """Somebody on a bicycle, riding right (1) or left (−1)."""
    steel, coat, legs, skin, hair = (mix(c, air, dim) for c in ("#2b2d33", coat, "#2b2d35", SKIN, HAIR))
    r = 0.185 * tall

    def at(forward: float, up: float) -> Point:
        return x + forward * way * tall, foot - up * tall

    hub, crank, saddle, bar = at(-0.29, 0.185), at(-0.03, 0.17), at(-0.13, 0.5), at(0.22, 0.57)
    canvas.line([saddle, at(-0.02, 0.33), at(-0.07, 0.14)], 0.06 * tall, mix(legs, "#000000", 0.3))
    for wheel in (hub, at(0.31, 0.185)):
        canvas.line(ring(*wheel, r, r), 0.014 * tall, steel)
        canvas.ellipse(*wheel, 0.016 * tall, 0.016 * tall, steel)
    canvas.line([hub, at(-0.12, 0.45), crank, hub], 0.014 * tall, steel)
    canvas.line([at(-0.12, 0.45), at(0.2, 0.47), crank], 0.014 * tall, steel)
    canvas.line([at(0.31, 0.185), at(0.2, 0.47), bar, at(0.27, 0.6)], 0.014 * tall, steel)
    canvas.fill(rounded([at(-0.2, 0.49), at(-0.2, 0.53), at(-0.05, 0.52), at(-0.05, 0.5)], 1), steel)
    knee = at(0.1, 0.38)
    canvas.fill(_limb(saddle, knee, 0.095 * tall, 0.07 * tall), legs)
    canvas.fill(_limb(knee, at(0.01, 0.09), 0.066 * tall, 0.045 * tall), legs)
    canvas.fill(rounded([at(-0.03, 0.09), at(0.07, 0.07), at(0.07, 0.05), at(-0.03, 0.05)], 1), hair)
    canvas.fill(
        rounded(
            [
                at(-0.21, 0.5),
                at(-0.06, 0.49),
                at(0.02, 0.66),
                at(0.075, 0.8),
                at(0.03, 0.87),
                at(-0.06, 0.85),
                at(-0.17, 0.68),
            ]
        ),
        mix(coat, "#ffffff", 0.06),
        mix(coat, "#000000", 0.18),
    )
    canvas.fill(_limb(at(0.02, 0.87), at(0.045, 0.92), 0.05 * tall, 0.05 * tall), mix(skin, hair, 0.25))
    canvas.fill(_limb(at(0.01, 0.81), at(0.13, 0.66), 0.068 * tall, 0.05 * tall), mix(coat, "#ffffff", 0.09))
    canvas.fill(_limb(at(0.13, 0.66), at(0.25, 0.6), 0.05 * tall, 0.038 * tall), mix(coat, "#ffffff", 0.09))
    canvas.ellipse(*at(0.255, 0.6), 0.022 * tall, 0.022 * tall, skin)
    head(canvas, *at(0.06, 0.955), 0.058 * tall, skin, hair)


def dancer(
    canvas: Canvas,
    x: float,
    foot: float,
    tall: float,
    skirt: Colour,
    jacket: Colour,
    lift: float = 0.5,
    prop: Colour | None = None,
    sway: float = 0.0,
    hands: tuple[Point, Point] | None = None,
) -> None:
    """A child in the long bell-shaped skirt and short jacket of a festival dress.

    `lift` raises the arms (0–1) unless the places of both `hands` are given; `prop` is the fans' colour.
    """
    waist, shoulder = foot - 0.58 * tall, foot - 0.74 * tall
    lean = sway * 0.12 * tall
    bell = [
        (x + lean - 0.07 * tall, waist),
        (x + lean + 0.07 * tall, waist),
        (x + 0.19 * tall, foot - 0.16 * tall),
        (x + 0.25 * tall, foot - 0.01 * tall),
        (x, foot + 0.015 * tall),
        (x - 0.25 * tall, foot - 0.01 * tall),
        (x - 0.19 * tall, foot - 0.16 * tall),
    ]
    canvas.fill(rounded(bell), mix(skirt, "#ffffff", 0.18), mix(skirt, "#20101c", 0.3))
    for fold in (-0.1, -0.02, 0.07):
        canvas.fill(
            [
                (x + lean + fold * 0.5 * tall, waist),
                (x + (fold * 2 + 0.02) * tall, foot),
                (x + (fold * 2 - 0.03) * tall, foot),
            ],
            mix(skirt, "#20101c", 0.45),
            alpha=0.35,
        )
    for side in (-1, 1):
        hand = (
            x + lean + side * (0.2 + 0.12 * np.cos(lift * 2.4)) * tall,
            shoulder + (0.16 - 0.42 * lift) * tall,
        )
        if hands is not None:
            hand = hands[0] if side < 0 else hands[1]
        root = (x + lean + side * 0.06 * tall, shoulder + 0.04 * tall)
        elbow = ((root[0] + hand[0]) / 2 + side * 0.03 * tall, (root[1] + hand[1]) / 2 + 0.045 * tall)
        canvas.ellipse(*hand, 0.026 * tall, 0.026 * tall, SKIN)
        canvas.fill(_limb(root, elbow, 0.085 * tall, 0.08 * tall), mix(jacket, "#8a7a6a", 0.1))
        canvas.fill(_limb(elbow, hand, 0.085 * tall, 0.062 * tall), jacket)
        if prop is not None:
            _fan(canvas, hand, 0.15 * tall, side, prop)
    canvas.fill(
        [
            (x + lean - 0.085 * tall, shoulder + 0.01 * tall),
            (x + lean + 0.085 * tall, shoulder + 0.01 * tall),
            (x + lean + 0.075 * tall, waist + 0.02 * tall),
            (x + lean - 0.075 * tall, waist + 0.02 * tall),
        ],
        jacket,
    )
    canvas.line(
        [
            (x + lean - 0.03 * tall, shoulder),
            (x + lean + 0.012 * tall, waist),
            (x + lean + 0.02 * tall, waist + 0.13 * tall),
        ],
        0.018 * tall,
        mix(skirt, "#30101c", 0.45),
    )
    _childs_head(canvas, x + lean * 1.2, shoulder - 0.095 * tall, 0.092 * tall, skirt)


def _childs_head(canvas: Canvas, x: float, y: float, r: float, ribbon: Colour) -> None:
    """A round face under parted hair with a ribbon in it."""
    canvas.ellipse(x, y - 0.1 * r, 1.06 * r, 1.08 * r, HAIR)
    canvas.ellipse(x, y + 0.16 * r, 0.86 * r, 0.9 * r, mix(SKIN, "#ffe3cc", 0.35), to=SKIN)
    for side in (-1, 1):
        canvas.fill(
            rounded(
                [
                    (x, y - 0.72 * r),
                    (x + side * 0.35 * r, y - 0.5 * r),
                    (x + side * 0.95 * r, y + 0.1 * r),
                    (x + side * 0.98 * r, y - 0.7 * r),
                    (x + side * 0.2 * r, y - 1.0 * r),
                ]
            ),
            HAIR,
        )
        canvas.ellipse(x + side * 0.36 * r, y + 0.12 * r, 0.085 * r, 0.11 * r, "#241b1c")
        canvas.ellipse(x + side * 0.5 * r, y + 0.42 * r, 0.17 * r, 0.12 * r, "#e08a78", alpha=0.5)
    smile = [(x + d * r, y + (0.6 - 1.1 * d * d) * r) for d in np.linspace(-0.24, 0.24, 9)]
    canvas.line(smile, 0.055 * r, "#8f3f3a")
    for side in (-1, 1):
        canvas.ellipse(x + 0.72 * r + side * 0.2 * r, y - 0.82 * r, 0.24 * r, 0.18 * r, ribbon)
    canvas.ellipse(x + 0.72 * r, y - 0.82 * r, 0.1 * r, 0.1 * r, mix(ribbon, "#ffffff", 0.4))


def _fan(canvas: Canvas, hand: Point, radius: float, side: float, colour: Colour) -> None:
    middle = -np.pi / 2 + side * 0.6
    arc = ring(hand[0], hand[1], radius, radius, middle - 0.95, middle + 0.95)
    canvas.fill([hand, *arc], mix(colour, "#ffffff", 0.25))
    inner = ring(hand[0], hand[1], radius * 0.62, radius * 0.62, middle - 0.95, middle + 0.95)
    canvas.fill([hand, *inner], colour)


def onlooker(canvas: Canvas, x: float, foot: float, tall: float, colour: Colour, hair: Colour = HAIR) -> None:
    """Head and shoulders from behind, as one sees the row in front."""
    body = [
        (x - 0.5 * tall, foot + 0.1 * tall),
        (x - 0.49 * tall, foot - 0.3 * tall),
        (x - 0.34 * tall, foot - 0.42 * tall),
        (x - 0.1 * tall, foot - 0.5 * tall),
        (x - 0.09 * tall, foot - 0.6 * tall),
        (x + 0.09 * tall, foot - 0.6 * tall),
        (x + 0.1 * tall, foot - 0.5 * tall),
        (x + 0.34 * tall, foot - 0.42 * tall),
        (x + 0.49 * tall, foot - 0.3 * tall),
        (x + 0.5 * tall, foot + 0.1 * tall),
    ]
    canvas.fill(rounded(body), mix(colour, "#ffffff", 0.08), mix(colour, "#000000", 0.3))
    canvas.fill(
        rounded(
            [
                (x - 0.21 * tall, foot - 0.86 * tall),
                (x, foot - 1.03 * tall),
                (x + 0.21 * tall, foot - 0.86 * tall),
                (x + 0.2 * tall, foot - 0.66 * tall),
                (x + 0.1 * tall, foot - 0.53 * tall),
                (x - 0.1 * tall, foot - 0.53 * tall),
                (x - 0.2 * tall, foot - 0.66 * tall),
            ],
            3,
        ),
        hair,
    )
