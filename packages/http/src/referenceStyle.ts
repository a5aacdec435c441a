/**
 * The page's style: the system's fonts, light or dark as the reader's system is, tables that scroll on a narrow screen. It
 * goes into the page as text does, so it has no quotes and no angle brackets.
 */
export const referenceStyle = `
:root { color-scheme: light dark; --line: light-dark(#d8dde3, #3a4048); --soft: light-dark(#f4f6f8, #1d2126); --mute: light-dark(#59636e, #9aa4af); --accent: light-dark(#0b57a4, #7db8f5) }
* { box-sizing: border-box }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; background: light-dark(#fff, #14171a); color: light-dark(#1c2024, #e4e7ea) }
a { color: var(--accent) }
nav { padding: 1.5rem; border-bottom: 1px solid var(--line) }
nav ul { list-style: none; margin: 0; padding: 0 }
nav b { display: block; margin-top: 1rem }
main { padding: 1.5rem; max-width: 64rem; min-width: 0 }
section { margin: 3rem 0; scroll-margin-top: 1rem }
section section { padding-top: 1.5rem; border-top: 1px solid var(--line) }
h1, h2, h3, h4 { line-height: 1.25 }
h4 { margin: 1.5rem 0 .5rem }
p { margin: .5rem 0 }
small { color: var(--mute); font-weight: normal }
code { font: .875em ui-monospace, monospace; overflow-wrap: anywhere }
pre { margin: .5rem 0; padding: .75rem 1rem; overflow-x: auto; background: var(--soft); border: 1px solid var(--line); border-radius: 6px }
pre code { overflow-wrap: normal }
.endpoint b { display: inline-block; padding: 0 .5rem; border: 1px solid; border-radius: 4px; color: var(--accent) }
table { display: block; overflow-x: auto; border-collapse: collapse }
th, td { padding: .4rem 1.25rem .4rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
th { font-weight: 600; white-space: nowrap }
td { min-width: 6rem }
td p { margin: 0 0 .25rem }
@media (min-width: 60rem) {
  body { display: grid; grid-template-columns: 17rem 1fr }
  nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; border: 0; border-right: 1px solid var(--line) }
  main { padding: 1.5rem 3rem }
}
`
