/** How the page looks. No file, font or picture is fetched; the policy of the page allows this text by its hash. */
import { createHash } from 'node:crypto';

export const STYLE = `
:root{color-scheme:light dark;--ink:#1b2328;--dim:#566168;--paper:#f7f8f7;--card:#fff;--line:#dde2e0;--water:#0b6b78;--good:#1d6f42;--bad:#b3261e;--warn:#8a5a00}
@media (prefers-color-scheme:dark){:root{--ink:#e4e9e8;--dim:#9aa7a8;--paper:#11171a;--card:#182024;--line:#2a353a;--water:#64c4d0;--good:#6fcf97;--bad:#ff8a80;--warn:#f0b95a}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:14px/1.45 system-ui,sans-serif;font-variant-numeric:tabular-nums}
header,main,footer{max-width:1200px;margin:0 auto;padding:0 16px}
header{display:flex;flex-wrap:wrap;gap:4px 16px;align-items:baseline;padding-top:16px;padding-bottom:12px}
h1{font-size:20px;margin:0;letter-spacing:.01em}
h1 small{font-weight:400;color:var(--dim)}
h2{font-size:13px;margin:0 0 6px;color:var(--dim);font-weight:600}
header p{margin:0;color:var(--dim)}
header p:last-child{margin-left:auto}
a{color:var(--water)}
a:focus-visible,input:focus-visible,button:focus-visible,.wide:focus-visible{outline:2px solid var(--water);outline-offset:2px}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.dim{color:var(--dim)}
.state{font-weight:600}
dl.now{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1px;margin:0 0 16px;background:var(--line);border:1px solid var(--line);border-radius:6px;overflow:hidden}
dl.now div{background:var(--card);padding:10px 14px}
dl.now dt{color:var(--dim);font-size:12px}
dl.now dd{margin:0;font-size:24px;line-height:1.25;font-weight:500}
dl.now dd small{font-size:12px;color:var(--dim);font-weight:400}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:16px}
section{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:12px 14px;min-width:0}
section.full{grid-column:1/-1}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th{font-weight:500;font-size:12px;color:var(--dim);text-align:left}
th,td{padding:3px 10px 3px 0;border-bottom:1px solid var(--line);white-space:nowrap}
tr:last-child td{border-bottom:0}
td.because{white-space:normal;min-width:16em;width:100%}
td.wrap{white-space:normal;min-width:9em}
tr.decides td:first-child{box-shadow:-6px 0 0 color-mix(in srgb,var(--water) 12%,transparent)}
th.n,td.n{text-align:right}
th:last-child,td:last-child{padding-right:0}
td.name{font-family:ui-monospace,monospace;font-size:13px}
tr.decides td{background:color-mix(in srgb,var(--water) 12%,transparent)}
meter{width:48px;height:8px;vertical-align:middle}
meter::-webkit-meter-bar{background:var(--line);border:0}
meter::-webkit-meter-optimum-value{background:var(--water)}
meter::-moz-meter-bar{background:var(--water)}
form{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:8px 12px;align-items:end}
label{display:block;font-size:12px;color:var(--dim)}
input{display:block;width:100%;font:inherit;color:var(--ink);background:var(--paper);border:1px solid var(--dim);border-radius:4px;padding:5px 8px}
button{font:inherit;font-weight:600;color:var(--card);background:var(--water);border:0;border-radius:4px;padding:7px 16px;cursor:pointer}
p.empty{color:var(--dim);margin:0}
p.verdict{font-size:17px;margin:14px 0 8px}
footer{color:var(--dim);font-size:12px;padding-top:14px;padding-bottom:24px;overflow-wrap:anywhere}
`;

const HASH = createHash('sha256').update(STYLE).digest('base64');

/** Nothing but this style and a form that leads back here. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${HASH}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');
