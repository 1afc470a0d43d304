/**
 * The script of the page: filter, keys, theme, and opening what a link leads into. Without it the
 * page is whole; only these comforts are missing. It reads nothing from outside.
 */

/** The text of the script; its digest stands in the policy of the page, so nothing else runs. */
export const pageScript: string = `
(() => {
  'use strict';
  const root = document.documentElement;
  const all = (selector) => [...document.querySelectorAll(selector)];
  root.classList.add('js');

  const theme = document.getElementById('theme');
  const isDark = () => getComputedStyle(root).colorScheme === 'dark' ||
    (root.dataset.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  const nameTheme = () => { theme.textContent = isDark() ? 'Light' : 'Dark'; };
  const turnTheme = () => { root.dataset.theme = isDark() ? 'light' : 'dark'; nameTheme(); };
  theme.addEventListener('click', turnTheme);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', nameTheme);
  nameTheme();

  const reveal = (hash, focus) => {
    const target = hash.length > 1 ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
    if (target === null) return;
    for (let at = target; at !== null; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    target.scrollIntoView({ block: target.offsetHeight > innerHeight / 2 ? 'start' : 'center' });
    if (focus && target.tabIndex >= -1 && target.hasAttribute('tabindex')) target.focus({ preventScroll: true });
  };
  addEventListener('hashchange', () => reveal(location.hash, true));
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link !== null) setTimeout(() => reveal(link.getAttribute('href'), true));
  });
  reveal(location.hash, true);

  const items = all('#list > .finding');
  const told = document.getElementById('shown');
  const code = document.getElementById('code');
  const toggles = all('.filter .toggle');
  const filter = () => {
    const severities = new Set(toggles.filter((one) => one.getAttribute('aria-pressed') === 'true')
      .map((one) => one.dataset.severity));
    const matches = (one) => severities.has(one.dataset.severity) &&
      (code.value === '' || one.dataset.code === code.value);
    for (const one of all('.finding, .callout')) one.hidden = !matches(one);
    for (const mark of all('.mark[data-findings]')) {
      const shows = mark.dataset.findings.split(' ').some((id) => {
        const found = document.getElementById(id);
        return found !== null && !found.hidden;
      });
      mark.classList.toggle('gone', !shows);
    }
    const shown = items.filter((one) => !one.hidden).length;
    told.textContent = shown + ' of ' + items.length + ' shown';
  };
  for (const toggle of toggles) {
    toggle.addEventListener('click', () => {
      toggle.setAttribute('aria-pressed', String(toggle.getAttribute('aria-pressed') !== 'true'));
      filter();
    });
  }
  if (code !== null) code.addEventListener('change', filter);

  const go = (step) => {
    const inTimeline = document.activeElement?.closest('#timeline') ?? null;
    const places = inTimeline === null ? items : all('#timeline .callout');
    const shown = places.filter((one) => !one.hidden);
    if (shown.length === 0) return;
    const at = shown.indexOf(document.activeElement.closest('.finding, .callout'));
    const next = at < 0 ? (step > 0 ? 0 : shown.length - 1) : Math.min(shown.length - 1, Math.max(0, at + step));
    reveal('#' + shown[next].id, true);
  };
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, select, textarea')) return;
    const arrows = event.target.closest('.finding, .callout') !== null && event.target.tagName !== 'A';
    if (event.key === 'j' || (arrows && event.key === 'ArrowDown')) go(1);
    else if (event.key === 'k' || (arrows && event.key === 'ArrowUp')) go(-1);
    else if (event.key === 't') turnTheme();
    else if (event.key === 'Enter' && arrows && event.target.matches('.finding, .callout')) {
      const link = event.target.querySelector('header a');
      if (link !== null) link.click();
    } else return;
    event.preventDefault();
  });

  for (const button of all('[data-open]')) {
    button.addEventListener('click', () => {
      for (const one of all('#timeline .turn')) one.open = button.dataset.open === 'all';
    });
  }
  for (const button of all('.copy')) {
    button.addEventListener('click', async () => {
      const text = button.parentElement.querySelector('code').textContent;
      try { await navigator.clipboard.writeText(text); button.textContent = 'Copied'; }
      catch { getSelection().selectAllChildren(button.parentElement.querySelector('code')); }
    });
  }
})();
`;
