// How each layout looks, in parts of the canvas: as the server draws it with some people in it.

/** One cell, from 0 to 1. */
export interface Cell {
  x: number;
  y: number;
  w: number;
  h: number;
  isMain?: boolean;
}

const grid = (columns: number, rows: number): Cell[] =>
  Array.from({ length: columns * rows }, (_, at) => ({
    x: (at % columns) / columns, y: Math.floor(at / columns) / rows, w: 1 / columns, h: 1 / rows,
  }));

/** One of `big` by `big` at the top left of a grid, the rest small. */
function oneUp(n: number, big: number): Cell[] {
  const small = grid(n, n).filter((_, at) => at % n >= big || Math.floor(at / n) >= big);
  return [{ x: 0, y: 0, w: big / n, h: big / n, isMain: true }, ...small];
}

const pair = (isMain: boolean): Cell[] => [{ x: 0, y: 0.25, w: 0.5, h: 0.5, isMain }, { x: 0.5, y: 0.25, w: 0.5, h: 0.5 }];
const corners = [[5 / 6, 0], [0, 0], [5 / 6, 5 / 6], [0, 5 / 6]] as const;

const DRAWN: Record<string, Cell[]> = {
  "grid-responsive": grid(3, 3),
  "grid-responsive-mobile": grid(2, 3),
  "highlight-1-responsive": oneUp(3, 2),
  "2x1": pair(false),
  "5up": grid(3, 3).filter((_, at) => at % 2 === 0),
  "screen-share": [
    { x: 0, y: 0, w: 1, h: 1, isMain: true },
    ...corners.map(([x, y]) => ({ x, y, w: 1 / 6, h: 1 / 6 })),
  ],
  "presenter-dual-horizontal": pair(true),
  "full-screen": [{ x: 0, y: 0, w: 1, h: 1, isMain: true }],
  "1x1-2x1": [{ x: 0.25, y: 0, w: 0.5, h: 0.5 }, { x: 0, y: 0.5, w: 0.5, h: 0.5 }, { x: 0.5, y: 0.5, w: 0.5, h: 0.5 }],
  "1up-top-left5": oneUp(3, 2),
  "1up-top-left7": oneUp(4, 3),
  "1up-top-left9": oneUp(5, 4),
  "1up-top-left16": oneUp(5, 3),
  "1up-top-left24": oneUp(6, 3),
  "1up-top-left32": oneUp(8, 4),
};

/** The picture of a layout; a name that nobody knows is a grid. */
export function picture(name: string): { cells: Cell[]; isUpright: boolean } {
  const [, columns = "2", rows = "2"] = /^(\d+)x(\d+)$/.exec(name) ?? [];
  return { cells: DRAWN[name] ?? grid(Number(columns), Number(rows)), isUpright: name.endsWith("-mobile") };
}
