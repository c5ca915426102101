/** What a scrape says, for the page: the same numbers, of all workers of the host, and nothing of its own. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

type Labels = Readonly<Record<string, string>>;

export class Scrape {
  readonly #byName: ReadonlyMap<string, readonly Sample[]>;

  /** Of a text in Prometheus' format, as our own registry writes it. */
  constructor(text: string) {
    this.#byName = Map.groupBy(text.split('\n').flatMap(sampleIn), ({ name }) => name);
  }

  /** In the order of the text. */
  samples(name: string, labels: Labels = {}): readonly Sample[] {
    return (this.#byName.get(name) ?? []).filter((sample) => isLike(sample, labels));
  }

  /** 0 where there is none. */
  sum(name: string, labels: Labels = {}): number {
    return this.samples(name, labels).reduce((sum, { value }) => sum + value, 0);
  }
}

function isLike(sample: Sample, labels: Labels): boolean {
  return Object.entries(labels).every(([name, value]) => sample.labels[name] === value);
}

const LINE = /^(\w+)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;
const UNESCAPED: Readonly<Record<string, string>> = { n: '\n' };

/** None of a comment, and of a bucket, which nothing here asks for. */
function sampleIn(line: string): Sample[] {
  const [, name, labels = '', value] = LINE.exec(line) ?? [];
  if (name === undefined || name.endsWith('_bucket')) return [];
  const pairs = [...labels.matchAll(LABEL)].map(([, key = '', text = '']) => {
    return [key, text.replaceAll(/\\(.)/g, (_, escaped: string) => UNESCAPED[escaped] ?? escaped)];
  });
  return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
}
