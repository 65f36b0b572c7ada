"""People, small and seen from afar: walking, standing, cycling, sitting, dancing."""

import numpy as np

from blog.demo.painting import Canvas, Colour, Point, mix, ring

HAIR: Colour = "#1c1a1d"
SKIN: Colour = "#c99b78"


def walker(
    canvas: Canvas, x: float, foot: float, tall: float, coat: Colour, legs: Colour = "#2b2d35", stride: float = 0.0,
    dim: float = 0.0, air: Colour = "#000000", skirt: bool = False,
) -> None:
    """Somebody on their way; stride −1…1 tells where the legs are, `dim` how far the air takes the colours."""
    coat, legs, skin, hair = (mix(c, air, dim) for c in (coat, legs, SKIN, HAIR))
    step = 0.11 * stride * tall
    hip, shoulder = foot - 0.47 * tall, foot - 0.82 * tall
    for side, shade in ((1, 0.25), (-1, 0.0)):
        canvas.fill(_limb((x, hip), (x + side * step, foot), 0.062 * tall, 0.04 * tall), mix(legs, "#000000", shade))
    canvas.fill(_limb((x - 0.01 * tall, shoulder + 0.03 * tall), (x - step * 0.8 - 0.03 * tall, hip + 0.02 * tall),
                      0.05 * tall, 0.035 * tall), mix(coat, "#000000", 0.3))
    hem = 0.14 if skirt else 0.088
    low = hip + (0.16 * tall if skirt else 0.06 * tall)
    canvas.fill([(x - 0.075 * tall, shoulder), (x + 0.075 * tall, shoulder), (x + 0.1 * tall, shoulder + 0.05 * tall),
                 (x + hem * tall, low), (x - hem * tall, low), (x - 0.1 * tall, shoulder + 0.05 * tall)], coat)
    canvas.fill(_limb((x + 0.07 * tall, shoulder + 0.03 * tall), (x + 0.07 * tall + step * 0.8, hip + 0.03 * tall),
                      0.05 * tall, 0.035 * tall), mix(coat, "#ffffff", 0.08))
    head(canvas, x + 0.005 * tall, foot - 0.915 * tall, 0.062 * tall, skin, hair)


def head(canvas: Canvas, x: float, y: float, radius: float, skin: Colour = SKIN, hair: Colour = HAIR) -> None:
    """A head seen from a distance: a face under dark hair."""
    canvas.ellipse(x, y, radius * 0.86, radius * 1.08, skin)
    canvas.fill(ring(x, y - 0.3 * radius, radius * 0.9, radius * 0.9, np.pi * 0.93, np.pi * 2.07), hair)


def _limb(a: Point, b: Point, wide: float, narrow: float) -> list[Point]:
    (ax, ay), (bx, by) = a, b
    return [(ax - wide / 2, ay), (ax + wide / 2, ay), (bx + narrow / 2, by), (bx - narrow / 2, by)]


def shadow(canvas: Canvas, x: float, foot: float, tall: float, reach: float, alpha: float = 0.4) -> None:
    """What somebody of that height throws on flat ground toward `reach` (sideways, in heights)."""
    tip = (x + reach * tall, foot + 0.03 * tall * abs(reach))
    canvas.fill([(x - 0.06 * tall, foot), (x + 0.06 * tall, foot), (tip[0] + 0.05 * tall, tip[1]), (tip[0] - 0.05 * tall, tip[1])],
                "#141a26", alpha=alpha, soft=0.012 * tall)


def cyclist(canvas: Canvas, x: float, foot: float, tall: float, coat: Colour, way: float = 1.0, dim: float = 0.0,
            air: Colour = "#000000") -> None:
    """Somebody on a bicycle, riding right (1) or left (−1)."""
    steel, coat, legs = mix("#23252b", air, dim), mix(coat, air, dim), mix("#2b2d35", air, dim)
    r = 0.19 * tall
    for wheel in (-0.3, 0.3):
        outer = ring(x + wheel * tall * way, foot - r, r, r)
        canvas.line(outer, 0.022 * tall, steel)
    saddle, bar = (x - 0.12 * way * tall, foot - 0.5 * tall), (x + 0.24 * way * tall, foot - 0.56 * tall)
    crank = (x - 0.02 * way * tall, foot - r)
    frame = [(x - 0.3 * way * tall, foot - r), saddle, crank, (x + 0.2 * way * tall, foot - 0.48 * tall), saddle]
    canvas.line(frame, 0.02 * tall, steel)
    canvas.line([bar, (x + 0.3 * way * tall, foot - r)], 0.02 * tall, steel)
    knee = (x + 0.1 * way * tall, foot - 0.36 * tall)
    canvas.line([saddle, knee, (x + 0.02 * way * tall, foot - 0.12 * tall)], 0.06 * tall, legs)
    neck = (x + 0.03 * way * tall, foot - 0.86 * tall)
    canvas.fill([(saddle[0] - 0.07 * tall, saddle[1]), (saddle[0] + 0.08 * tall, saddle[1] + 0.02 * tall),
                 (neck[0] + 0.08 * tall, neck[1] + 0.04 * tall), (neck[0] - 0.07 * tall, neck[1])], coat)
    canvas.line([(neck[0], neck[1] + 0.05 * tall), bar], 0.045 * tall, coat)
    head(canvas, neck[0] + 0.03 * way * tall, neck[1] - 0.08 * tall, 0.062 * tall, mix(SKIN, air, dim), mix(HAIR, air, dim))


def dancer(canvas: Canvas, x: float, foot: float, tall: float, skirt: Colour, jacket: Colour, lift: float = 0.5,
           prop: Colour | None = None, sway: float = 0.0) -> None:
    """A child in the long bell-shaped skirt and short jacket of a festival dress; `lift` raises the arms 0–1."""
    waist, shoulder = foot - 0.58 * tall, foot - 0.74 * tall
    lean = sway * 0.12 * tall
    bell = [(x + lean - 0.07 * tall, waist), (x + lean + 0.07 * tall, waist), (x + 0.19 * tall, foot - 0.16 * tall),
            (x + 0.25 * tall, foot - 0.01 * tall), (x, foot + 0.015 * tall), (x - 0.25 * tall, foot - 0.01 * tall),
            (x - 0.19 * tall, foot - 0.16 * tall)]
    canvas.fill(bell, mix(skirt, "#ffffff", 0.18), mix(skirt, "#20101c", 0.3))
    for fold in (-0.1, -0.02, 0.07):
        canvas.fill([(x + lean + fold * 0.5 * tall, waist), (x + (fold * 2 + 0.02) * tall, foot), (x + (fold * 2 - 0.03) * tall, foot)],
                    mix(skirt, "#20101c", 0.45), alpha=0.35)
    for side in (-1, 1):
        hand = (x + lean + side * (0.2 + 0.12 * np.cos(lift * 2.4)) * tall, shoulder + (0.16 - 0.42 * lift) * tall)
        elbow = (x + lean + side * 0.17 * tall, shoulder + (0.1 - 0.12 * lift) * tall)
        canvas.line([(x + lean + side * 0.05 * tall, shoulder + 0.03 * tall), elbow, hand], 0.062 * tall, jacket)
        canvas.ellipse(hand[0], hand[1], 0.024 * tall, 0.024 * tall, SKIN)
        if prop is not None:
            _fan(canvas, hand, 0.15 * tall, side, prop)
    canvas.fill([(x + lean - 0.085 * tall, shoulder + 0.01 * tall), (x + lean + 0.085 * tall, shoulder + 0.01 * tall),
                 (x + lean + 0.075 * tall, waist + 0.02 * tall), (x + lean - 0.075 * tall, waist + 0.02 * tall)], jacket)
    canvas.line([(x + lean - 0.03 * tall, shoulder), (x + lean + 0.012 * tall, waist), (x + lean + 0.02 * tall, waist + 0.13 * tall)],
                0.018 * tall, mix(skirt, "#30101c", 0.45))
    head(canvas, x + lean * 1.2, shoulder - 0.095 * tall, 0.092 * tall)
    canvas.ellipse(x + lean * 1.2 + 0.07 * tall, shoulder - 0.17 * tall, 0.028 * tall, 0.024 * tall, skirt)


def _fan(canvas: Canvas, hand: Point, radius: float, side: float, colour: Colour) -> None:
    middle = -np.pi / 2 + side * 0.6
    arc = ring(hand[0], hand[1], radius, radius, middle - 0.95, middle + 0.95)
    canvas.fill([hand, *arc], mix(colour, "#ffffff", 0.25))
    inner = ring(hand[0], hand[1], radius * 0.62, radius * 0.62, middle - 0.95, middle + 0.95)
    canvas.fill([hand, *inner], colour)


def onlooker(canvas: Canvas, x: float, foot: float, tall: float, colour: Colour, hair: Colour = HAIR) -> None:
    """Head and shoulders from behind, as one sees the row in front."""
    canvas.fill([(x - 0.5 * tall, foot), (x - 0.46 * tall, foot - 0.34 * tall), (x - 0.3 * tall, foot - 0.46 * tall),
                 (x - 0.1 * tall, foot - 0.54 * tall), (x + 0.1 * tall, foot - 0.54 * tall), (x + 0.3 * tall, foot - 0.46 * tall),
                 (x + 0.46 * tall, foot - 0.34 * tall), (x + 0.5 * tall, foot)], colour)
    canvas.ellipse(x, foot - 0.74 * tall, 0.2 * tall, 0.25 * tall, hair)
