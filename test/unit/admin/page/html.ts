import t from 'tap';
import { html } from '#admin/page/html.ts';

t.test('html escapes whatever is no HTML, in text and in attributes', async (t) => {
  const hostile = `<script>"'&`;
  t.equal(
    html`<a title="${hostile}">${hostile}</a>`.text,
    '<a title="&lt;script&gt;&quot;&#39;&amp;">&lt;script&gt;&quot;&#39;&amp;</a>',
  );
});

t.test('html takes numbers, HTML, lists of it, and nothing', async (t) => {
  const items = [1, 2].map((value) => html`<i>${value}</i>`);
  t.equal(html`<b>${items}${undefined}${html`<u></u>`}</b>`.text, '<b><i>1</i><i>2</i><u></u></b>');
});
