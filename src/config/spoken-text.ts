/** One line that people will read, in answers and logs: printable, of bounded length. */

/** Control and format characters, of which some turn text around, and line ends of any kind. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/**
 * Gives the parse function for a text of at most `longest` characters.
 * @throws {Error} (the function given) naming the fix
 */
export function spokenText(longest: number): (text: string) => string {
  return (text) => {
    if (text.trim() === '') throw new Error('The text is empty, remove the key');
    if (text.length > longest) throw new Error(`The text is too long, write at most ${longest} characters`);
    if (UNPRINTABLE.test(text)) {
      throw new Error('The text has line ends or characters that cannot be printed, write one line');
    }
    return text;
  };
}
