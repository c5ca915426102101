/** Tells a program of the operator's what became of a run: one line of JSON on its standard input. That it fails is said, and no more. */
import { quoted } from './shell.ts';
import type { World } from './step.ts';

export interface Event {
  /** Which of the programs, and how it ended: `deployed`, `deployed-in-part`, `rolled-back`. */
  readonly event: string;
  readonly exitCode: number;
  /** More of it, such as the file of evidence. Nothing secret. */
  readonly [more: string]: string | number | undefined;
}

export async function notify({ settings, shell, report, now }: World, event: Event): Promise<void> {
  const { notify: program } = settings;
  if (program === undefined || shell.isDry) return;
  const text = JSON.stringify({ at: now(), settings: settings.file, ...event });
  try {
    await shell.change(
      { words: [program], timeoutMs: 30_000 },
      { from: 'EVENT', bytes: Buffer.from(`${text}\n`) },
    );
  } catch (error) {
    report.note(`Nobody was told: ${quoted([program])}: ${(error as Error).message}`);
  }
}
