// A row's page beside its list: the list keeps its place, and the link is the whole page.
import { all, one } from './dom';

let asked: AbortController | null = null;
let opener: HTMLElement | null = null;

const PAUSE = 700;
const REFERRING = ['for', 'form', 'list', 'aria-labelledby', 'aria-describedby', 'aria-controls'];

// An id that the list has already gets another one in the page beside it, wherever it is named.
function setApart(main: Element): void {
  const names = new Map<string, string>();
  all('[id]', main).forEach((each) => {
    if (!document.getElementById(each.id)) return;
    names.set(each.id, `beside-${each.id}`);
    each.id = `beside-${each.id}`;
  });
  if (!names.size) return;
  REFERRING.forEach((name) => all(`[${name}]`, main).forEach((each) => {
    const ids = each.getAttribute(name)!.split(' ');
    each.setAttribute(name, ids.map((id) => names.get(id) ?? id).join(' '));
  }));
  all<HTMLAnchorElement>('a[href^="#"]', main).forEach((each) => {
    const id = each.getAttribute('href')!.slice(1);
    each.setAttribute('href', `#${names.get(id) ?? id}`);
  });
}

async function show(link: HTMLAnchorElement, focus: boolean, tries = 4): Promise<void> {
  const panel = one<HTMLElement>('#panel');
  if (!panel) return;
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  try {
    const answer = await fetch(link.href, { signal });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const main = one('main', page);
    if (!main) throw new Error('no page');
    showMain(main, link);
  } catch {
    if (signal.aborted) return;
    if (focus) location.href = link.href; // whatever it was, the page itself tells it
    else if (tries > 1) setTimeout(() => signal.aborted || void show(link, false, tries - 1), PAUSE);
    else closePanel(); // the reader is in the list and stays there
    return;
  }
  if (focus) panel.focus();
}

export function showMain(main: Element, link: HTMLAnchorElement): void {
  const panel = one<HTMLElement>('#panel');
  const body = one<HTMLElement>('#panel-body');
  if (!panel || !body) return;
  all('h1', main).forEach((each) => {
    const title = document.createElement('h2');
    title.append(...each.childNodes);
    each.replaceWith(title);
  });
  all('.crumbs', main).forEach((each) => each.remove());
  body.replaceChildren();
  setApart(main);
  body.append(...main.childNodes);
  opener = link;
  one<HTMLAnchorElement>('[data-does="panel-page"]', panel)!.href = link.href;
  panel.hidden = false;
  document.body.classList.add('with-panel');
  all('[data-row][aria-current]').forEach((row) => row.removeAttribute('aria-current'));
  link.closest('[data-row]')?.setAttribute('aria-current', 'true');
  panel.scrollTop = 0;
}

export function closePanel(): void {
  const panel = one<HTMLElement>('#panel');
  if (!panel || panel.hidden) return;
  panel.hidden = true;
  one('#panel-body')?.replaceChildren();
  document.body.classList.remove('with-panel');
  all('[data-row][aria-current]').forEach((row) => row.removeAttribute('aria-current'));
  opener?.focus();
}

export function startPanel(): void {
  if (!one('[data-panel]')) return;
  const wide = matchMedia('(min-width: 1100px)');
  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest('[data-does="panel-close"]')) closePanel();
    const link = event.target.closest<HTMLAnchorElement>('[data-panel] a.row-link');
    if (!link || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    void show(link, true);
  });
  document.addEventListener('row', (event) => {
    const link = event.target instanceof Element && one<HTMLAnchorElement>('a.row-link', event.target);
    if (link && link.closest('[data-panel]') && !one<HTMLElement>('#panel')?.hidden) void show(link, false);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !one('dialog[open]')) closePanel();
  });
}
