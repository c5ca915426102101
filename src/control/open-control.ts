/** The control socket with who answers on it. */
import { type AnswerParts, answerQuestion, failureLine } from './answer-question.ts';
import { LineServer } from './line-server.ts';
import { openPrivateSocket } from './private-socket.ts';

/** @throws {Error} why it cannot be opened, and what to do */
export async function openControl(path: string, parts: AnswerParts): Promise<{ readonly close: () => void }> {
  const server = new LineServer({
    answer: (line) => answerQuestion(line, parts),
    refuse: (kind, why) => failureLine(kind, why),
  });
  const socket = await openPrivateSocket(path, (client) => server.take(client));
  return {
    close() {
      socket.close();
      server.close();
    },
  };
}
