// Single keys: / to the search, J and K through rows, ? for help. The reader can switch them off (WCAG 2.1.4).
import { all, one, remember } from './dom';

const root = document.documentElement;
let current = -1;

function move(step: number): void {
  const rows = all<HTMLElement>('[data-row]');
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const from = at >= 0 ? at : current;
  current = Math.max(0, Math.min(rows.length - 1, from + step));
  const row = rows[current];
  if (!row) return;
  row.scrollIntoView({ block: 'nearest' });
  (one<HTMLElement>('a, summary', row) ?? row).focus({ preventScroll: true });
}

function help(): void {
  one<HTMLDialogElement>('#help')?.showModal();
}

const acts: Record<string, () => void> = {
  '/': () => one<HTMLInputElement>('#search')?.focus(),
  j: () => move(1),
  k: () => move(-1),
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
    const typing = event.target instanceof Element && event.target.matches('input, select, textarea');
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (root.dataset.keys === 'off' || one('dialog[open]')) return;
    const act = acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
