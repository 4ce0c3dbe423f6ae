#pragma once

namespace kindred::report {

inline constexpr const char* style = R"css(
:root{--paper:#fff;--ink:#1c1f23;--muted:#6b7280;--line:#d9dce1;--soft:#f4f5f7;--within:#0072b2;--between:#8a93a0}
@media (prefers-color-scheme:dark){:root{--paper:#15181c;--ink:#e4e7eb;--muted:#98a1ad;--line:#343a42;--soft:#1e2227;
--within:#56b4e9;--between:#7d8794}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1500px;padding:24px clamp(12px,3vw,40px) 48px;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1{font-size:1.5rem;margin:0;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2.2rem 0 .6rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{font-size:.95rem;margin:0 0 .4rem}
p{margin:.3rem 0}
header p,figcaption,.note{color:var(--muted)}
figure{margin:0;min-width:0}
figcaption{font-size:.85rem;max-width:46rem;margin-top:.4rem}
.pictures{display:flex;flex-wrap:wrap;gap:28px 36px;align-items:flex-start}
.pictures>figure:first-child{flex:0 1 auto}
.side{flex:1 1 340px;min-width:0;max-width:560px;display:flex;flex-direction:column;gap:24px}
.panels{display:flex;flex-wrap:wrap}
.panels>figure{flex:1 1 570px;max-width:640px}
.claims table{min-width:66rem}
.scroll,.pan{overflow-x:auto;max-width:100%}
svg{display:block;max-width:100%;height:auto}
svg.heat{min-width:min(560px,var(--natural))}
svg text{fill:var(--ink);font-family:inherit}
.tree,.axis,.grid,.mean{fill:none;stroke:var(--muted);stroke-width:1}
.grid{stroke:var(--line)}
.mean{stroke:var(--ink);stroke-dasharray:3 3}
.floor{fill:none;stroke:#d55e00;stroke-width:2}
.missing{fill:var(--soft)}
.point{stroke:var(--paper);stroke-width:1}
.legend{list-style:none;margin:.6rem 0 0;padding:0;display:flex;flex-wrap:wrap;gap:2px 16px;font-size:.85rem}
.legend li{display:flex;align-items:center;gap:5px}
.legend svg{overflow:visible}
table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.22rem .9rem .22rem 0;border-bottom:1px solid var(--line);vertical-align:top}
thead th{color:var(--muted);font-weight:600;white-space:nowrap}
thead th.number{white-space:normal}
figure+.scroll{margin-top:.8rem}
.facts th{color:var(--muted);font-weight:400;white-space:nowrap}
.facts td{overflow-wrap:anywhere}
td:first-child{white-space:nowrap}
.number{text-align:right;white-space:nowrap}
.lead{display:flex;flex-wrap:wrap;gap:6px 32px;margin:.2rem 0 1.2rem}
.lead div{display:flex;flex-direction:column}
.lead b{font-size:1.35rem;font-weight:600;font-variant-numeric:tabular-nums}
.lead span{color:var(--muted);font-size:.82rem}
details summary{cursor:pointer;color:var(--muted)}
#tip{position:fixed;pointer-events:none;background:var(--ink);color:var(--paper);padding:4px 8px;border-radius:4px;
font-size:.82rem;max-width:min(420px,90vw);white-space:pre-line;z-index:1}
#tip[hidden]{display:none}
@media print{.pictures{display:block}}
)css";

/// Shows the pair under the pointer: a panel's distances come as base64 float32, row by row, in argument order: all of
/// rows against columns where there are columns, else the upper triangle without the diagonal.
inline constexpr const char* script = R"js(
(() => {
  const data = JSON.parse(document.getElementById("data").textContent), across = data.columns ?? data;
  const n = data.names.length, m = across.names.length;
  const tip = document.getElementById("tip");
  const hide = () => { tip.hidden = true; };
  const show = (event, text) => {
    tip.textContent = text;
    tip.hidden = false;
    const x = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 6);
    const below = event.clientY + 16;
    const y = below + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 10 : below;
    tip.style.left = Math.max(4, x) + "px";
    tip.style.top = y + "px";
  };
  const called = (side, i) => side.names[i] + (side.labels[i] ? " (" + side.labels[i] + ")" : "");
  for (const panel of data.panels) {
    const bytes = Uint8Array.from(atob(panel.distances), c => c.charCodeAt(0));
    const values = new Float32Array(bytes.buffer);
    const triangle = (i, j) => i === j ? 0 : i > j ? triangle(j, i) : values[i * n - i * (i + 1) / 2 + j - i - 1];
    const distance = data.columns ? (i, j) => values[i * m + j] : triangle;
    const shown = k => panel.order ? panel.order[k] : k;
    const image = document.getElementById(panel.id);
    image.addEventListener("pointerleave", hide);
    image.addEventListener("pointermove", event => {
      const box = image.getBoundingClientRect();
      const cell = (at, size, count) => Math.min(count - 1, Math.max(0, Math.floor(at / size * count)));
      const i = shown(cell(event.clientY - box.top, box.height, n));
      const j = shown(cell(event.clientX - box.left, box.width, m));
      const d = distance(i, j);
      const value = Number.isNaN(d) ? "no distance" : d.toPrecision(4);
      show(event, called(data, i) + "\n" + called(across, j) + "\n" + value);
    });
  }
  for (const point of document.querySelectorAll(".point")) {
    point.addEventListener("pointerleave", hide);
    point.addEventListener("pointermove", event => show(event, point.dataset.text ?? called(data, +point.dataset.i)));
  }
})();
)js";

}  // namespace kindred::report
