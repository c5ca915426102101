import t from 'tap';
import { imported, toldOf } from '../../fixtures/imported.ts';
import { codeIn, docsPage, rowsWith } from '../../fixtures/tables.ts';

t.setTimeout(120_000);

const TOLD: Readonly<Record<string, RegExp>> = {
  'via off': /^changed forward\.via: off\. Origins get none/,
  'via on': /^same /,
  'forwarded_for delete': /^same Weir removes X-Forwarded-For/,
  'forwarded_for off': /^changed Weir removes X-Forwarded-For, where Squid writes/,
  'forwarded_for truncate': /^changed .*tells nobody the address/,
  'forwarded_for on': /^changed forward\.forwarded: on\. Next hops learn the address/,
  'forwarded_for transparent': /^changed Weir removes X-Forwarded-For of its clients/,
  'follow_x_forwarded_for allow localhost': /^dangerous Squid judges src by X-Forwarded-For/,
  'follow_x_forwarded_for deny all': /^same /,
  'ssl_bump peek all': /^changed /,
  'ssl_bump splice all': /^changed /,
  'ssl_bump terminate all': /^dangerous /,
  'ssl_bump bump all': /^dangerous Weir decrypts nothing/,
  'http_reply_access deny all': /^dangerous .*is let through/,
  'http_reply_access allow all': /^dropped /,
  'prefer_direct on': /^changed /,
  'configuration_includes_quoted_values on': /^dangerous /,
  'configuration_includes_quoted_values off': /^same /,
  'url_rewrite_program /usr/bin/squidGuard': /^dangerous Weir calls no rewriters/,
  'icap_enable on': /^dangerous Weir has no content filters/,
  'delay_pools 1': /^changed Weir has no pools: each is a limit with bandwidth/,
  'client_delay_pools 1': /^dropped Not carried over: write a limit with bandwidth/,
  'client_ip_max_connections 5':
    /^dangerous Not carried over, so that a client may open more.*: write maxConnectionsPerClient/,
  'client_ip_max_connections -1': /^same /,
  'refresh_pattern . 0 20% 4320': /^dropped Not carried over: write cache by hand/,
  'auth_param basic program /x': /^changed Weir calls no helper: it reads auth\.usersFile/,
  'auth_param basic realm x': /^dropped /,
  'auth_param negotiate program /x': /^dropped Weir knows Basic alone/,
  'deny_info ERR_X a': /^dropped No rule that denies ends with its ACL/,
  'tcp_outgoing_address 10.0.0.1': /^dropped Not carried over: write routes\.sourceAddress/,
  'request_header_access Referer deny all': /^same forward\.strip: Referer/,
  'request_header_access Referer allow all': /^same Weir passes Referer on/,
  'request_header_access Referer deny known': /^changed Not carried over: Weir removes Referer from all/,
  'request_header_access Via deny all': /^changed forward\.via: off/,
  'request_header_access X-Forwarded-For deny all': /^same Weir removes X-Forwarded-For by itself/,
  'request_header_access Cookie deny all': /^changed Not carried over, the field stays: Without "Cookie"/,
  'request_header_access All deny all': /^changed Not carried over, the field stays: "All" is no field/,
  'logformat x %ru': /^dropped /,
  'dead_peer_timeout 5': /^dropped /,
  'htp_access deny all': /^error Squid has no directive "htp_access"; is it "h\w+_access"\?/,
  frobnicate: /^error Squid has no directive "frobnicate"$/,
};

/** A rule that asks who the user is. */
const USERS = ['acl known proxy_auth REQUIRED', 'http_access allow known'];

for (const [line, told] of Object.entries(TOLD)) {
  t.test(`a directive: ${line}`, async (t) =>
    t.match(toldOf(await imported(t, [line, ...USERS]), 1)[0], told),
  );
}

t.test('every directive is told of, whatever it is', async (t) => {
  const { directives } = await import('#migrate/directives.ts');
  const lines = [...directives().keys()].map((name) => `${name} 1`);
  const found = await imported(t, lines);
  t.same(
    lines.filter((_, index) => toldOf(found, index + 1).length === 0),
    [],
  );
});

t.test('the page that is named for a cache has a line for each directive it speaks of', async (t) => {
  const rows = rowsWith(docsPage('migrating-from-squid.md'), "Squid's cache");
  const lines = rows.flatMap((row) => codeIn(row["Squid's cache"]));
  t.ok(lines.length > 15);
  const found = await imported(t, lines);
  for (const [index, line] of lines.entries())
    t.match(
      toldOf(found, index + 1)[0],
      'dropped Not carried over: write cache by hand (docs/migrating-from-squid.md, "The cache")',
      line,
    );
  t.match(docsPage('migrating-from-squid.md'), '\n## The cache\n');
});
