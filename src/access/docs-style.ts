/** The style of the API page, in one element whose digest the page's policy names. Light and dark by preference. */
export const docsStyle = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf8, #14161a);
  --panel: light-dark(#ffffff, #1b1e24);
  --ink: light-dark(#1d2129, #e6e4df);
  --soft: light-dark(#5b6270, #9aa1ad);
  --line: light-dark(#e4e1da, #2c3038);
  --mark: light-dark(#1f5f5b, #7fc9c1);
  --get: light-dark(#1f5f5b, #7fc9c1);
  --post: light-dark(#8a4b08, #e9b872);
  --put: light-dark(#5a3e8c, #bda6ea);
  --delete: light-dark(#9b2335, #f0909c);
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace;
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1.5rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
a { color: var(--mark); text-underline-offset: 0.2em; }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; border-radius: 3px; }
code, .path, .type { font-family: var(--mono); font-size: 0.875em; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; background: var(--panel); padding: 0.5rem 1rem; }
.page { display: grid; grid-template-columns: minmax(15rem, 19rem) minmax(0, 1fr); max-width: 84rem; margin: 0 auto; }
nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; padding: 2rem 1rem 2rem 1.5rem;
  border-right: 1px solid var(--line); font-size: 0.875rem; }
nav h2 { font-size: 0.75rem; letter-spacing: 0.08em; text-transform: uppercase; color: var(--soft); margin: 1.5rem 0 0.5rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: flex; gap: 0.5rem; padding: 0.2rem 0; color: inherit; text-decoration: none; }
nav li a:hover .path { text-decoration: underline; }
main { padding: 2rem clamp(1rem, 4vw, 3rem) 6rem; min-width: 0; }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -0.02em; margin: 0 0 0.5rem; }
main > h2 { font-size: 1.35rem; margin: 3.5rem 0 0.25rem; letter-spacing: -0.01em; }
.lead, .note { color: var(--soft); max-width: 44rem; }
.note { margin: 0.25rem 0 1.5rem; }
article { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem 1.5rem; margin: 1rem 0; }
article h3 { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: baseline; margin: 0; font-size: 1rem; font-weight: 600; }
article h4 { margin: 1.25rem 0 0.25rem; font-size: 0.8rem; color: var(--soft); font-weight: 600; }
article p { margin: 0.35rem 0; max-width: 46rem; }
.method { font: 600 0.75rem/1.6 var(--mono); min-width: 3.6em; }
.get { color: var(--get); } .post { color: var(--post); } .put, .patch { color: var(--put); } .delete { color: var(--delete); }
.path { overflow-wrap: anywhere; }
.aside { color: var(--soft); font-size: 0.875rem; }
details { margin: 0.35rem 0; }
summary { cursor: pointer; color: var(--mark); font-size: 0.9rem; }
dl { margin: 0.35rem 0 0; border-left: 2px solid var(--line); padding-left: 1rem; }
dt { margin-top: 0.5rem; overflow-wrap: anywhere; }
dt .name { font: 600 0.875rem/1.5 var(--mono); }
dt .type, dt .limits { color: var(--soft); margin-left: 0.5rem; font-size: 0.8rem; }
dt .needed { color: var(--post); font-size: 0.75rem; margin-left: 0.5rem; }
dd { margin: 0; font-size: 0.9rem; max-width: 46rem; }
@media (max-width: 52rem) {
  .page { display: block; }
  nav { position: static; max-height: 40vh; border-right: 0; border-bottom: 1px solid var(--line); }
}
@media print { nav { display: none; } .page { display: block; } article { break-inside: avoid; } }
`;
