/** The image of tier 1: pushed, or given by its digest. What is deployed goes by the digest alone. */
import { Fault } from '../lib/fault.ts';
import type { Step, World } from '../lib/step.ts';
import { imageNamed, refuseTakenBack } from '../lib/taken-back.ts';

const PUSH_MS = 10 * 60_000;
/** In a dry run nobody knows it before the push. */
const UNKNOWN = 'sha256:OF_THE_PUSH';

export const image: Step = {
  id: 'image',
  title: 'The image of tier 1 is in its registry',
  patience: 'some minutes, where it is pushed',
  cure: 'see that skopeo is logged in to the registry: skopeo login',
  inputs: ({ settings: { text } }) => [text.IMAGE, text.IMAGE_DIGEST, text.IMAGE_SOURCE, text.IMAGE_TAG],
  async run(world) {
    const { text } = world.settings;
    const digest = text.IMAGE_DIGEST || (await push(world));
    refuseTakenBack(world, [imageNamed(digest)]);
    world.state.remember('image.digest', digest);
    return `${text.IMAGE}@${digest}`;
  },
};

/** What to run, by digest. @throws {Fault} before the step above is done */
export function imageOf(world: World): string {
  return `${world.settings.text.IMAGE}@${digestOf(world)}`;
}

/** @throws {Fault} before the step above is done */
export function digestOf({ state }: World): string {
  const digest = state.recall('image.digest');
  if (digest === undefined)
    throw new Fault('The digest of the image is not known', 'do the step image first');
  return digest;
}

/** @throws {Fault} where it may be another one than the settings name, as after a way back */
export function requireImage({ settings, state, shell }: World): void {
  if (state.step(image.id) === undefined && !shell.isDry)
    throw new Fault(
      'The step image is not done, so that another image than that of the settings would be put in',
      `begin there: deploy/deploy --settings ${settings.file} --from image`,
    );
}

/** One that is there already is not pushed again. @returns its digest */
async function push({ settings, shell }: World): Promise<string> {
  const { IMAGE, IMAGE_TAG, IMAGE_SOURCE = '' } = settings.text;
  const target = `docker://${IMAGE}:${IMAGE_TAG}`;
  const inspect = (what: string) => ({ words: ['skopeo', 'inspect', '--format={{.Digest}}', what] as const });
  const [wanted, there] = [await shell.ask(inspect(IMAGE_SOURCE)), await shell.ask(inspect(target))];
  const found = there.stdout.toString().trim();
  if (wanted.status === 0 && there.status === 0 && wanted.stdout.toString().trim() === found) return found;
  await shell.change({ words: ['skopeo', 'copy', IMAGE_SOURCE, target], timeoutMs: PUSH_MS });
  return shell.isDry ? UNKNOWN : await shell.look(inspect(target));
}
