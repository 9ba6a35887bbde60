"""How the page of a report looks: by day and by night, on a phone and on paper."""

CSS = """
:root { color-scheme: light dark;
  --ink: #1c2128; --dim: #636c76; --paper: #ffffff; --card: #f6f8fa; --line: #d8dee4;
  --good: #1a7f37; --bad: #cf222e; --warn: #9a6700; --busy: #0969da; --soft: #e7ebef;
  --good-soft: #b4e3c1; --bad-soft: #ffc9c5; --warn-soft: #f2dfa3; --busy-soft: #b6d9ff; }
@media (prefers-color-scheme: dark) { :root {
  --ink: #e6edf3; --dim: #9198a1; --paper: #0d1117; --card: #151b23; --line: #30363d;
  --good: #3fb950; --bad: #f85149; --warn: #d29922; --busy: #58a6ff; --soft: #21262d;
  --good-soft: #1c4428; --bad-soft: #5d1f1f; --warn-soft: #4b3a12; --busy-soft: #133d6b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 68rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif;
  overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .3rem; font-weight: 650;
  letter-spacing: -.01em; text-wrap: balance; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .7rem; font-weight: 650; }
h3 { font-size: .8rem; margin: 1.1rem 0 .3rem; color: var(--dim); font-weight: 600;
  text-transform: uppercase; letter-spacing: .04em; }
p { margin: .35rem 0; } a { color: var(--busy); }
.when { color: var(--dim); margin: 0 0 1.4rem; }
code, pre { font: .86em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { margin: .4rem 0; padding: .6rem .8rem; background: var(--soft); border-radius: 6px;
  white-space: pre-wrap; max-height: 24rem; overflow-y: auto; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr));
  gap: .7rem; margin: 0; }
.cards div { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: .65rem .85rem; }
.cards dt { color: var(--dim); font-size: .8rem; } .cards dd { margin: 0; font-size: 1.3rem;
  font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.3; }
.cards dd small { display: block; font-size: .78rem; font-weight: 400; color: var(--dim); }
.bar-all { display: flex; height: .55rem; border-radius: 99px; overflow: hidden; gap: 2px;
  margin: 0 0 1.3rem; background: var(--soft); }
.bar-all span { display: block; min-width: 3px; }
.wants { list-style: none; margin: 0; padding: 0; display: grid; gap: .7rem; }
.wants li { border: 1px solid var(--line); border-left: 4px solid var(--warn);
  border-radius: 6px; padding: .6rem .9rem; background: var(--card); }
.wants li.urgent { border-left-color: var(--bad); }
.wants li.asks { border-left-color: var(--busy); }
.wants li.good { border-left-color: var(--good); }
.wants .hint { color: var(--dim); font-size: .92rem; }
.type { display: block; margin: .3rem 0 0; padding: .3rem .6rem; background: var(--soft);
  border-radius: 5px; white-space: pre-wrap; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px;
  background: var(--card); padding: .7rem; }
.timeline { display: block; width: 100%; min-width: 40rem; height: auto; }
.timeline text { fill: var(--ink); font: 11px system-ui, sans-serif; }
.timeline .hour, .timeline .lane { fill: var(--dim); }
.timeline .tick, .timeline .rule { stroke: var(--line); stroke-width: 1; }
.timeline .pause { stroke: var(--dim); stroke-dasharray: 2 3; }
.merged { --full: var(--good); --light: var(--good-soft); }
.lost { --full: var(--bad); --light: var(--bad-soft); }
.again { --full: var(--warn); --light: var(--warn-soft); }
.open { --full: var(--busy); --light: var(--busy-soft); }
.stopped { --full: var(--dim); --light: var(--soft); }
.timeline .bar > rect { fill: var(--light); }
.timeline .bar > rect[class] { fill: var(--full); }
.timeline .bar > .verify, .timeline .bar > .review { opacity: .65; }
.timeline .bar > .agent { opacity: .8; }
.timeline .name { fill: #fff; font-weight: 600; paint-order: stroke; stroke: rgba(0,0,0,.45);
  stroke-width: 2px; }
.legend { color: var(--dim); font-size: .85rem; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem;
  margin: .6rem 0 0; }
.legend i { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px;
  margin-right: .35rem; vertical-align: -1px; background: var(--full); }
.g { color: var(--good); } .b { color: var(--bad); } .w { color: var(--warn); }
.y { color: var(--busy); } .d { color: var(--dim); }
.bg-g { background: var(--good); } .bg-b { background: var(--bad); }
.bg-w { background: var(--warn); }
.bg-y { background: var(--busy); } .bg-d { background: var(--line); }
details { border: 1px solid var(--line); border-radius: 8px; margin: .55rem 0; }
details > summary { cursor: pointer; padding: .55rem .9rem; }
details > .in { padding: 0 .9rem .8rem; }
.prd { margin: 1rem 0; } .prd > summary { background: var(--card); border-radius: 8px; }
.prd > summary b { font-size: 1.05rem; }
.story > summary::after { content: "+"; color: var(--dim); width: .8rem; text-align: right; }
.story[open] > summary::after { content: "-"; } .story.bare > summary { cursor: default; }
.story.bare > summary::after { content: ""; }
.story > summary { display: grid; grid-template-columns: 6.5rem 1fr auto .8rem; gap: 0 .8rem;
  align-items: baseline; list-style-position: outside; }
.story .id { font-weight: 600; } .story .took { color: var(--dim); font-size: .88rem;
  font-variant-numeric: tabular-nums; text-align: right; }
.story .mark { margin-right: .35rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .25rem .8rem .25rem 0; vertical-align: top;
  border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: 500; } td.n { font-variant-numeric: tabular-nums;
  white-space: nowrap; }
ul.files { margin: .2rem 0; padding: 0; list-style: none; columns: 22rem; font-size: .86rem; }
footer { color: var(--dim); font-size: .85rem; margin-top: 3rem;
  border-top: 1px solid var(--line); padding-top: .8rem; }
@media (max-width: 40rem) { body { padding: 1.1rem .8rem 3rem; font-size: 15px; }
  h1 { font-size: 1.35rem; }
  .story > summary { grid-template-columns: 1fr auto .8rem; }
  .story .title { grid-column: 1 / -1; grid-row: 2; color: var(--dim); }
  table.wide thead { display: none; } table.wide td { display: block; border: 0; padding: 0; }
  table.wide tr { display: block; padding: .35rem 0; border-bottom: 1px solid var(--line); } }
@media print { :root { color-scheme: light; --ink: #000; --dim: #444; --paper: #fff; --card: #fff;
    --line: #bbb; --soft: #eee; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  .wants li, .story, tr { break-inside: avoid; } .scroll { overflow: visible; }
  pre { max-height: none; } .timeline { min-width: 0; }
  * { print-color-adjust: exact; } }
""".strip()
