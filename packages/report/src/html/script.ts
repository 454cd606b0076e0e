/**
 * The script of a report: sorting, the theme, values under the pointer, and everything unfolded for print. The page says
 * all it has to say without it.
 */
export const SCRIPT = `
'use strict';
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  const valueOf = (row, i) => { const cell = row.cells[i]; const v = cell.dataset.v ?? cell.textContent.trim(); return v !== '' && isFinite(v) ? Number(v) : v; };
  const compare = (a, b) => a === '' ? (b === '' ? 0 : 1) : b === '' ? -1 : typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true });
  heads.forEach((head, i) => head.addEventListener('click', () => {
    const down = head.getAttribute('aria-sort') === 'ascending';
    for (const other of heads) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const rows = [...body.rows].map((row) => [valueOf(row, i), row]);
    rows.sort(([a], [b]) => a === '' || b === '' ? compare(a, b) : (down ? -1 : 1) * compare(a, b));
    body.append(...rows.map(([, row]) => row));
  }));
}
const root = document.documentElement;
document.querySelector('.theme').addEventListener('click', () => {
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
});
const reveal = () => { const target = document.getElementById(decodeURIComponent(location.hash.slice(1))); if (target instanceof HTMLDetailsElement) { target.open = true; target.scrollIntoView(); } };
addEventListener('hashchange', reveal);
reveal();
let folded = [];
addEventListener('beforeprint', () => { folded = [...document.querySelectorAll('details:not([open])')]; for (const each of folded) each.open = true; });
addEventListener('afterprint', () => { for (const each of folded) each.open = false; });
for (const svg of document.querySelectorAll('svg[data-chart]')) {
  const figure = svg.parentElement;
  const cursor = svg.querySelector('.cursor');
  let chart, tip, at = -1;
  const show = (i) => {
    chart ??= JSON.parse(svg.dataset.chart);
    at = Math.max(0, Math.min(chart.px.length - 1, i));
    if (!tip) { tip = document.createElement('div'); tip.className = 'tip'; tip.setAttribute('role', 'status'); figure.append(tip); }
    tip.replaceChildren(line('', chart.x[at]), ...chart.s.filter((s) => s.v[at] !== '').map((s) => line('c' + s.c, s.n + '  ' + s.v[at])));
    cursor.setAttribute('x1', chart.px[at]); cursor.setAttribute('x2', chart.px[at]); cursor.classList.add('on');
    const scale = svg.clientWidth / svg.viewBox.baseVal.width;
    const left = chart.px[at] * scale;
    tip.style.top = '24px';
    tip.style.left = left > svg.clientWidth / 2 ? '' : left + 14 + 'px';
    tip.style.right = left > svg.clientWidth / 2 ? svg.clientWidth - left + 14 + 'px' : '';
  };
  const line = (colour, text) => { const div = document.createElement('div'); if (colour) { const i = document.createElement('i'); i.className = colour; div.append(i); } div.append(text); return div; };
  const hide = () => { tip?.remove(); tip = undefined; cursor.classList.remove('on'); };
  svg.addEventListener('pointermove', (event) => {
    chart ??= JSON.parse(svg.dataset.chart);
    const box = svg.getBoundingClientRect();
    const x = (event.clientX - box.left) * svg.viewBox.baseVal.width / box.width;
    let best = 0;
    chart.px.forEach((px, i) => { if (Math.abs(px - x) < Math.abs(chart.px[best] - x)) best = i; });
    show(best);
  });
  svg.addEventListener('pointerleave', hide);
  svg.addEventListener('blur', hide);
  svg.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) { show(at + step); event.preventDefault(); }
    if (event.key === 'Escape') hide();
  });
}
`;
