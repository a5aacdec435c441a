/** Colours follow the page's `color-scheme`. Rules of the page for the tag itself win over those of `:host`. */
const text = `:host{display:block;font:1rem/1.5 system-ui,sans-serif;
--t:var(--hawser-text,light-dark(#1b1c1f,#e9eaee));
--m:var(--hawser-muted,light-dark(#565b64,#a9aeb8));
--s:var(--hawser-surface,light-dark(#fff,#1c1e22));
--b:var(--hawser-border,light-dark(#d5d8de,#3c4048));
--a:var(--hawser-accent,light-dark(#1f4fd8,#a9c2ff));
--o:var(--hawser-on-accent,light-dark(#fff,#10224f));
--d:var(--hawser-danger,light-dark(#a8201a,#ffb4ac));
--g:var(--hawser-success,light-dark(#146c2e,#83d99b));
--r:var(--hawser-radius,.6rem);color:var(--t)}
:host([hidden]){display:none}
*{box-sizing:border-box;overflow-wrap:anywhere}
ul{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr));gap:1rem;margin:1rem 0;padding:0}
li,[part~=notice]{display:block;background:var(--s);border:1px solid var(--b);border-radius:var(--r);padding:1rem}
[part~=head],[part~=buttons],[part~=notice]{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
li [part~=buttons]{margin-top:.75rem}
[part~=notice]{position:sticky;top:0;z-index:1;border-color:var(--a);margin-bottom:1rem;padding:.5rem 1rem;max-height:60vh;overflow:auto}
[role=status]{flex:1}
[part~=name],[part~=status],button{font-weight:600}
[part~=logo]{width:2.25rem;height:2.25rem;border-radius:var(--r);object-fit:contain;flex:none}
span[part~=logo]{display:grid;place-items:center;font-weight:700;background:var(--brand,#666);color:lch(from var(--brand,#666) calc((49.44 - l)*infinity) 0 0)}
p{margin:.5rem 0}
[part~=muted],small{color:var(--m);font-size:.875rem}
[part~=good]{color:var(--g)}
[part~=bad]{color:var(--d)}
[part~=connection],[part~=panel]{border-top:1px solid var(--b);margin-top:.75rem;padding-top:.75rem}
button,input,select{font:inherit;color:inherit;min-height:2.25rem;border:1px solid var(--m);border-radius:var(--r);background:var(--s);padding:.25rem .75rem;scroll-margin:6rem}
button{cursor:pointer}
[part~=primary]{background:var(--a);border-color:var(--a);color:var(--o)}
[part~=danger],[aria-invalid]{border-color:var(--d)}
input,select{width:100%;margin-bottom:.25rem}
small{display:block;margin-bottom:.75rem}
:focus-visible{outline:3px solid var(--a);outline-offset:2px}`

/** One for all elements of a page. */
let style: CSSStyleSheet | undefined

export const sharedStyle = (): CSSStyleSheet => {
  if (style) return style
  style = new CSSStyleSheet()
  style.replaceSync(text)
  return style
}
