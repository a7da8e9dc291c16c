// News for a list that is open: how many rows came, what became of rows that are shown, tabs and bell.
//
// Nothing moves under the reader's hands: what came is offered in a bar, a row that somebody else settled is
// marked where it stands. Rows are loaded when the reader asks for them; what the reader folded or unfolded stays so,
// and a fold that holds something new is marked. Texts come from the page and its news.
import { all, one, unfold } from './dom';

interface News {
  sequence: number;
  bell: { count: string; label: string };
  tabs?: Record<string, string>;
  here?: { key: string; subject: string; new: boolean }[];
  gone?: Record<string, string>;
  is_far?: boolean;
}

const EVERY = 2000; // at most one question in so many milliseconds, and not all readers at once
const SPREAD = 150;
const SAID_EVERY = 10_000;
const COUNTED_EVERY = 10_000;
const COUNTED = ['.head-facts', '.figures', '.chips', 'nav.tabs'];
const MOST = 99;

const came = new Set<string>();
let timer = 0;
let askedAt = -EVERY;
let saidAt = -SAID_EVERY;
let far = false;
let counting = 0;
let countedAt = -COUNTED_EVERY;

const keyOf = (row: HTMLElement): string => row.dataset.keyOf ?? row.dataset.subject ?? '';
const rows = (): HTMLElement[] => all<HTMLElement>('[data-row][data-subject]');

export function newsSoon(): void {
  if (timer) return;
  const wait = Math.max(Math.random() * SPREAD, askedAt + EVERY - performance.now());
  timer = window.setTimeout(() => void ask(), wait);
}

async function ask(): Promise<void> {
  const page = one<HTMLElement>('#news');
  askedAt = performance.now();
  try {
    if (!page) return;
    const { at, sequence, drawn } = page.dataset;
    const asked = new URLSearchParams({ at: at ?? '', since: sequence ?? '0', drawn: drawn ?? '0' });
    const answer = await fetch(`/live/news?${asked}`);
    if (!answer.ok) throw new Error(String(answer.status));
    tell(page, await answer.json() as News);
    timer = 0;
  } catch {
    timer = window.setTimeout(() => void ask(), EVERY); // the list stays as it is until it is known better
  }
}

// Says something to those who listen to the page; what comes too soon after is left to the bar.
export function say(text: string, always = false): void {
  const said = one('#news-said');
  if (!said || !text || (!always && performance.now() - saidAt < SAID_EVERY)) return;
  saidAt = performance.now();
  said.textContent = text;
}

function count(place: Element | null, name: string, text: string): void {
  if (!place) return;
  let shown = one<HTMLElement>(`.${name}`, place);
  if (!shown && text) {
    shown = document.createElement(name === 'bell-count' ? 'span' : 'b');
    shown.className = name;
    if (name === 'bell-count') shown.ariaHidden = 'true';
    place.append(' ', shown);
  }
  if (!shown || shown.textContent === text) return;
  shown.textContent = text;
  shown.hidden = !text;
}

// What the page counts beside its rows, as it is now; where the reader's focus is, nothing is replaced.
function recount(fresh: Document): void {
  COUNTED.forEach((part) => all(`main ${part}`).forEach((was) => {
    const name = was.getAttribute('aria-label');
    const now = all(`main ${part}`, fresh).find((each) => each.getAttribute('aria-label') === name);
    if (now && !was.contains(document.activeElement) && was.innerHTML !== now.innerHTML) was.replaceWith(now);
  }));
}

function countSoon(): void {
  if (counting) return;
  const wait = Math.max(Math.random() * SPREAD, countedAt + COUNTED_EVERY - performance.now());
  counting = window.setTimeout(() => void counted(), wait);
}

async function counted(): Promise<void> {
  const at = one<HTMLElement>('#news')?.dataset.at;
  if (document.hidden) return void document.addEventListener('visibilitychange', () => void counted(), { once: true });
  countedAt = performance.now();
  counting = 0;
  if (!at || !one('#rows')) return;
  try {
    const answer = await fetch(at);
    if (answer.ok && !answer.redirected) recount(new DOMParser().parseFromString(await answer.text(), 'text/html'));
  } catch { /* the counts stay until something is new again */ }
}

// What became of a row, in a line of its own below its name; the row stays where it is.
export function mark(row: HTMLElement, words: string, kind: string): HTMLElement | null {
  const place = one('.row-link', row)?.closest('td, li') ?? row;
  let told = one<HTMLElement>('.row-told', place);
  if (!told) {
    told = document.createElement('p');
    place.append(told);
  }
  told.className = `row-told row-told-${kind}`;
  told.textContent = words;
  return told;
}

export function unmark(row: HTMLElement): void {
  one('.row-told', row)?.remove();
  row.classList.remove('row-gone', 'row-acted', 'row-refused');
}

function settle(subject: string, words: string): void {
  for (const row of rows().filter((each) => each.dataset.subject === subject)) {
    if (row.matches('.row-acted')) continue; // the reader did it here
    row.classList.add('row-gone');
    mark(row, words, 'gone');
    if (row.contains(document.activeElement) || row.ariaCurrent) {
      say(`${one('.row-link', row)?.textContent ?? ''}: ${words}`, true);
      const body = row.ariaCurrent && one('#panel:not([hidden]) #panel-body');
      if (body) panelTold(body, words);
    }
  }
}

function panelTold(body: Element, words: string): void {
  const told = one('.panel-told', body) ?? document.createElement('p');
  told.className = 'notice panel-told';
  told.textContent = words;
  body.prepend(told);
}

function tell(page: HTMLElement, news: News): void {
  page.dataset.sequence = String(news.sequence);
  const bell = one('.bell');
  bell?.setAttribute('aria-label', news.bell.label);
  count(bell, 'bell-count', news.bell.count);
  for (const [address, text] of Object.entries(news.tabs ?? {})) {
    count(all('nav.tabs a').find((each) => each.getAttribute('href') === address) ?? null, 'tab-count', text);
  }
  const here = news.here ?? [];
  const gone = news.gone ?? {};
  const keys = new Set(here.map((each) => each.key));
  const shown = new Map(rows().map((row) => [keyOf(row), row]));
  const touched = new Set([...here.map((each) => each.subject), ...Object.keys(gone)]);
  for (const each of here) {
    const row = shown.get(each.key) ?? (page.dataset.at?.startsWith('/inbound') && rows().find((one) => one.dataset.subject === each.key));
    if (row) { if (row.matches('.row-gone')) unmark(row); } else if (each.new) came.add(each.key);
  }
  for (const key of [...came]) if (touched.has(key) && !keys.has(key)) came.delete(key);
  for (const [subject, words] of Object.entries(gone)) {
    if (rows().length || news.here) settle(subject, words);
    else bar(page, words);
  }
  far ||= Boolean(news.is_far);
  if (far || touched.size) countSoon();
  if (far || came.size || !one<HTMLElement>('.news-bar')?.hidden) offer(page, Object.values(gone)[0]);
}

function offer(page: HTMLElement, words: string | undefined): void {
  const told = one<HTMLElement>('[data-told]', page);
  if (!told || (!page.dataset.topics && !words)) return;
  if (far) return bar(page, told.dataset.far ?? '');
  if (came.size) {
    const n = came.size > MOST ? `${MOST}+` : String(came.size);
    bar(page, came.size === 1 ? told.dataset.one ?? '' : (told.dataset.many ?? '').replace('#', n));
  } else if (!words) one<HTMLElement>('.news-bar', page)!.hidden = true;
}

function bar(page: HTMLElement, text: string): void {
  const shown = one<HTMLElement>('.news-bar', page);
  const told = one<HTMLElement>('[data-told]', page);
  if (!shown || !told) return;
  const isNew = shown.hidden;
  shown.hidden = false;
  told.textContent = text;
  if (isNew) say(text);
}

const folds = (list: ParentNode): HTMLDetailsElement[] => all<HTMLDetailsElement>('details[id]', list);

// The list as it is now: rows and counts are put in place of the old ones, what was chosen stays chosen and what was
// unfolded stays unfolded.
async function show(link: HTMLAnchorElement): Promise<void> {
  const page = one<HTMLElement>('#news');
  const list = one('#rows');
  if (!page || !list) return void location.assign(link.href);
  const chosen = new Set(all<HTMLInputElement>('input[type="checkbox"]:checked', list).map((box) => box.value));
  try {
    const answer = await fetch(link.href);
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const rowsThen = one('#rows', fresh);
    const newsThen = one<HTMLElement>('#news', fresh);
    if (!answer.ok || !rowsThen || !newsThen) throw new Error('no list');
    const before = new Set(rows().map(keyOf));
    const opened = new Map(folds(list).map((each) => [each.id, each.open]));
    folds(rowsThen).forEach((each) => { each.open = opened.get(each.id) ?? each.open; });
    list.replaceWith(rowsThen);
    recount(fresh);
    const pager = one('nav.pager', fresh);
    if (pager) one('nav.pager')?.replaceWith(pager);
    Object.assign(page.dataset, newsThen.dataset);
    all<HTMLInputElement>('#rows input[type="checkbox"]').forEach((box) => { box.checked = chosen.has(box.value); });
    one<HTMLFormElement>('form:has([data-selection])')?.dispatchEvent(new Event('change'));
    came.clear();
    far = false;
    one<HTMLElement>('.news-bar', page)!.hidden = true;
    const found = rows().filter((row) => !before.has(keyOf(row)));
    found.forEach((row) => [row, row.closest('details:not([open])')?.firstElementChild].forEach(
      (each) => each?.classList.add('row-new')));
    const first = found[0] ?? rows()[0];
    if (found[0]) unfold(found[0]);
    if (first) one<HTMLElement>('a, summary', first)?.focus();
  } catch {
    location.assign(link.href);
  }
}

export function startNews(): void {
  one<HTMLElement>('#news')?.addEventListener('click', (event) => {
    const link = event.target instanceof Element && event.target.closest<HTMLAnchorElement>('[data-does="show-news"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void show(link);
  });
}
