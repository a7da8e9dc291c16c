// Single keys: J and K through rows, Enter opens, X chooses, / to the search, ? for help; A, R, E and S do what
// the page offers under them (data-key); Z takes back what was just done. The reader can switch them off (WCAG 2.1.4).
import { all, one, remember, unfold } from './dom';

const root = document.documentElement;
let current = -1;

export function rowNow(): HTMLElement | null {
  const rows = all<HTMLElement>('main [data-row]');
  return rows.find((row) => row.contains(document.activeElement)) ?? rows[current] ?? null;
}

export function move(step: number): void {
  const rows = all<HTMLElement>('main [data-row]');
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const from = at >= 0 ? at : current;
  current = Math.max(0, Math.min(rows.length - 1, from + step));
  const row = rows[current];
  if (!row) return;
  unfold(row);
  row.scrollIntoView({ block: 'nearest' });
  (one<HTMLElement>('a, summary', row) ?? row).focus({ preventScroll: true });
  row.dispatchEvent(new CustomEvent('row', { bubbles: true }));
}

function choose(): void {
  const row = rowNow();
  (row && one<HTMLInputElement>('input[type="checkbox"]', row))?.click();
}

// What a key means here: in the row, else in the panel beside the list, else on the page.
function offered(key: string): HTMLElement | null {
  const wanted = `[data-key="${key}"]`;
  const places = [rowNow(), one('#panel:not([hidden])'), document].filter((place) => place !== null);
  return places.map((place) => one<HTMLElement>(wanted, place)).find((found) => found) ?? null;
}

function act(key: string): boolean {
  const found = offered(key);
  if (!found) return false;
  found.scrollIntoView({ block: 'nearest' });
  found.focus();
  // a key unfolds and takes to the act; what changes something is pressed by the reader
  if (found.matches('summary, a')) found.click();
  return true;
}

function help(): void {
  const list = one('#help-acts');
  const title = one<HTMLElement>('#help-here');
  if (list && title) {
    const told = new Map(all('[data-key]').map((each) => [each.getAttribute('data-key') ?? '', each]));
    list.replaceChildren(...[...told].flatMap(([key, each]) => {
      const dt = document.createElement('dt');
      const dd = document.createElement('dd');
      dt.append(Object.assign(document.createElement('kbd'), { textContent: key.toUpperCase() }));
      dd.textContent = each.getAttribute('data-key-name') ?? each.textContent?.trim() ?? '';
      return [dt, dd];
    }));
    title.hidden = told.size === 0;
  }
  one<HTMLDialogElement>('#help')?.showModal();
}

const acts: Record<string, () => void> = {
  '/': () => one<HTMLInputElement>('#search')?.focus(),
  j: () => move(1),
  k: () => move(-1),
  x: choose,
  z: () => one<HTMLButtonElement>('[data-key="z"]:not(:disabled)')?.click(),
  '?': help,
};

export function startKeys(): void {
  const choice = one<HTMLInputElement>('#keys-on');
  if (choice) choice.checked = root.dataset.keys !== 'off';
  choice?.addEventListener('change', () => {
    root.dataset.keys = choice.checked ? 'on' : 'off';
    remember('keys', root.dataset.keys);
  });
  one('[data-does="help"]')?.addEventListener('click', help);
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof Element
      && event.target.matches('input:not([type="checkbox"]), select, textarea');
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (root.dataset.keys === 'off' || one('dialog[open]')) return;
    const key = event.key.toLowerCase();
    const known = acts[key];
    if (known) known();
    else if (!['a', 'r', 'e', 's'].includes(key) || !act(key)) return;
    event.preventDefault();
  });
}
