import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { EVERYTHING, NOTHING, OverBudget, type Region, Regions } from '#study/space/regions.ts';

const SIZES = [2, 3, 4];
const POINTS = [0, 1].flatMap((a) => [0, 1, 2].flatMap((b) => [0, 1, 2, 3].map((c) => [a, b, c])));

/** A set written out, and how a region is made of it: as a union of boxes. */
type Boxes = readonly (readonly (readonly number[])[])[];

const boxes: fc.Arbitrary<Boxes> = fc.array(
  fc.tuple(...SIZES.map((size) => fc.subarray([...Array(size).keys()], { minLength: 1 }))),
  { maxLength: 4 },
);

function has(set: Boxes, point: readonly number[]): boolean {
  return set.some((box) => box.every((classes, dimension) => classes.includes(point[dimension] as number)));
}

function regionOf(regions: Regions, set: Boxes): Region {
  return regions.or(
    ...set.map((box) =>
      regions.and(...box.map((classes, dimension) => regions.slab(dimension, new Set(classes)))),
    ),
  );
}

function pointsOf(regions: Regions, region: Region): number[][] {
  return POINTS.filter((point) => {
    return (
      regions.and(region, ...point.map((each, dimension) => regions.slab(dimension, new Set([each])))) !==
      NOTHING
    );
  });
}

t.test('Regions combines as sets are combined, and equal sets are the same region', async () => {
  fc.assert(
    fc.property(boxes, boxes, (a, b) => {
      const regions = new Regions(SIZES, 1e6);
      const [x, y] = [regionOf(regions, a), regionOf(regions, b)];
      const inA = POINTS.filter((point) => has(a, point));
      const inB = POINTS.filter((point) => has(b, point));
      assert.deepEqual(pointsOf(regions, x), inA);
      assert.deepEqual(
        pointsOf(regions, regions.and(x, y)),
        inA.filter((point) => has(b, point)),
      );
      assert.deepEqual(
        pointsOf(regions, regions.minus(x, y)),
        inA.filter((point) => !has(b, point)),
      );
      assert.deepEqual(
        pointsOf(regions, regions.or(x, y)),
        POINTS.filter((point) => has(a, point) || has(b, point)),
      );
      assert.equal(x === y, JSON.stringify(inA) === JSON.stringify(inB));
      for (const member of regions.members(x)) assert(has(a, member), 'a member');
      assert.equal(regions.members(x).next().done, inA.length === 0);
    }),
    { seed: 6, numRuns: 500 },
  );
});

t.test('Regions knows which dimensions make a difference', async (t) => {
  const regions = new Regions(SIZES, 1e6);
  const region = regions.or(
    regions.and(regions.slab(0, new Set([0])), regions.slab(2, new Set([1]))),
    regions.slab(2, new Set([2])),
  );
  t.same(
    [0, 1, 2].map((dimension) => regions.dependsOn(region, dimension)),
    [true, false, true],
  );
  t.equal(regions.or(region, regions.minus(EVERYTHING, region)), EVERYTHING);
  t.same([...regions.members(region, 1)], [[0], [1]], 'told up to a dimension');
});

t.test('Regions looks once at what several ways lead to', async (t) => {
  const regions = new Regions(SIZES, 1e6);
  const diagonal = [0, 1].map((index) =>
    regions.and(regions.slab(0, new Set([index])), regions.slab(1, new Set([index]))),
  );
  const region = regions.and(regions.or(...diagonal), regions.slab(2, new Set([1])));
  t.same(
    [0, 1, 2].map((dimension) => regions.dependsOn(region, dimension)),
    [true, true, true],
  );
  t.same(
    [...regions.members(region)],
    [
      [0, 0, 1],
      [1, 1, 1],
    ],
  );
});

t.test('Regions gives up where there is too much to do', async (t) => {
  const regions = new Regions([100, 100], 1000);
  t.throws(() => {
    for (let i = 0; i < 100; i += 1) regions.slab(i % 2, new Set([i]));
  }, OverBudget);
});
