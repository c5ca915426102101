import t from 'tap';
import { linesOf, wordsOf } from '#migrate/lines.ts';

const LINES: Readonly<Record<string, readonly [text: string, lines: readonly string[]]>> = {
  'a line is words': ['http_port 3128', ['1 http_port|3128']],
  'blanks and tabs in front and between are nothing': [' \thttp_port \t 3128  ', ['1 http_port|3128']],
  'empty lines and comments are nothing': ['\n  \n# a\n  # b\nvia on\n', ['5 via|on']],
  'a word that begins with # begins a comment': ['acl a port 80 # http', ['1 acl|a|port|80']],
  'a # inside a word does not': ['acl a url_regex x#y', ['1 acl|a|url_regex|x#y']],
  'a backslash at the end goes on': ['acl a port 80 \\\n   443\nvia on', ['1 acl|a|port|80|443', '3 via|on']],
  'without a blank before it the words meet': ['acl a port 80\\\n443', ['1 acl|a|port|80443']],
  'a comment may stand in the middle': ['acl a port 80 \\\n# no\n\n443', ['1 acl|a|port|80|443']],
  'a backslash on the last line is nothing': ['via on \\', ['1 via|on']],
  'lines may end as on Windows': ['via on\r\nvia off\r\n', ['1 via|on', '2 via|off']],
};

for (const [title, [text, lines]] of Object.entries(LINES)) {
  t.test(`linesOf(): ${title}`, async (t) => {
    const told = linesOf(text).map(
      ({ number, words }) => `${number} ${words.map((word) => word.text).join('|')}`,
    );
    t.same(told, lines);
  });
}

t.test('wordsOf() tells quoted words, of which the quotes may be missing, from others', async (t) => {
  const words = wordsOf(`a "b c" 'd"e' "f\\"g" "open`);
  t.same(
    words.map(({ text, isQuoted }) => `${isQuoted ? 'quoted' : 'plain'} ${text}`),
    ['plain a', 'quoted b c', 'quoted d"e', 'quoted f"g', 'quoted open'],
  );
});
