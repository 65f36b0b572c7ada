// The reader's place on a drawn map: as photos are passed, the ringed dot moves and the line fills up to it.

interface Stop {
  photo: number;
  figure: Element;
  along: number;
  x: number;
  y: number;
}

const PASSED = 0.6; // of the window's height: a photo above this line has been passed

export class Follower {
  photo?: number;
  private readonly lines: { path: SVGPathElement; before: number; length: number }[] = [];
  private readonly total: number;
  private frame = 0;

  /** Follows the figures `#photo-ID` of the drawing's dots; undefined where the page shows none of them. */
  static start(drawing: SVGSVGElement, onMove: (photo: number) => void): Follower | undefined {
    const stops = [...drawing.querySelectorAll<SVGAElement>(".map-photo")].flatMap(stopsOf);
    stops.sort((a, b) => (a.figure.compareDocumentPosition(b.figure) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
    return stops.length ? new Follower(drawing, stops, onMove) : undefined;
  }

  private constructor(
    private readonly drawing: SVGSVGElement,
    private readonly stops: Stop[],
    private readonly onMove: (photo: number) => void,
  ) {
    this.total = this.measureLines();
    addEventListener("scroll", this.soon, { passive: true });
    addEventListener("resize", this.soon, { passive: true });
    this.show(this.passed());
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    removeEventListener("scroll", this.soon);
    removeEventListener("resize", this.soon);
  }

  private readonly soon = (): void => {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      const stop = this.passed();
      if (stop?.photo !== this.photo) this.show(stop);
    });
  };

  private passed(): Stop | undefined {
    return this.stops.findLast(({ figure }) => figure.getBoundingClientRect().top < innerHeight * PASSED);
  }

  /** Under each walked line goes the same line dotted: what is still ahead. */
  private measureLines(): number {
    let total = 0;
    for (const path of this.drawing.querySelectorAll<SVGPathElement>(".map-walked")) {
      const ahead = path.cloneNode() as SVGPathElement;
      ahead.setAttribute("class", "map-rest");
      path.before(ahead);
      const length = path.getTotalLength();
      this.lines.push({ path, before: total, length });
      total += length;
    }
    return total;
  }

  private show(stop: Stop | undefined): void {
    this.photo = stop?.photo;
    const reached = (stop?.along ?? 0) * this.total;
    for (const { path, before, length } of this.lines) {
      const walked = Math.min(length, Math.max(0, reached - before));
      path.style.strokeDasharray = `${walked} ${length + 1}`;
      path.style.strokeOpacity = walked ? "" : "0"; // a round cap would still show
    }
    const { x, y } = stop ?? this.beginning();
    this.drawing.querySelector<SVGGElement>(".map-you")!.style.transform = `translate(${x}px, ${y}px)`;
    if (stop) this.onMove(stop.photo);
  }

  private beginning(): { x: number; y: number } {
    return this.lines[0]?.path.getPointAtLength(0) ?? this.stops[0]!;
  }
}

function stopsOf(dot: SVGAElement): Stop[] {
  const circle = dot.querySelector("circle")!;
  const [x, y] = [circle.cx.baseVal.value, circle.cy.baseVal.value];
  const photos = (dot.dataset.photos ?? "").split(" ").map(Number);
  return photos.flatMap((photo) => {
    const figure = document.getElementById(`photo-${photo}`);
    return figure ? [{ photo, figure, along: Number(dot.dataset.along), x, y }] : [];
  });
}
