// Ctrl+K: pages, acts and every number, as a combobox with a list (ARIA Authoring Practices, combobox pattern).
import { all, one } from './dom';

const WAIT = 120;

export function startPalette(): void {
  const dialog = one<HTMLDialogElement>('#palette');
  const input = one<HTMLInputElement>('#palette-input');
  const list = one<HTMLElement>('#palette-list');
  const foot = dialog && one<HTMLElement>('.palette-foot', dialog);
  if (!dialog || !input || !list || !foot) return;
  let at = -1;
  let asked: AbortController | null = null;
  let timer = 0;

  function mark(next: number): void {
    const options = all<HTMLElement>('[role="option"]', list!);
    options[at]?.setAttribute('aria-selected', 'false');
    at = options.length ? (next + options.length) % options.length : -1;
    const now = options[at];
    now?.setAttribute('aria-selected', 'true');
    now?.scrollIntoView({ block: 'nearest' });
    if (now) input!.setAttribute('aria-activedescendant', now.id);
    else input!.removeAttribute('aria-activedescendant');
  }

  const go = (option?: Element): void => {
    const address = option?.getAttribute('data-href');
    if (address) location.href = address;
  };

  async function ask(): Promise<void> {
    asked?.abort();
    asked = new AbortController();
    const { signal } = asked;
    try {
      const answer = await fetch(`/find?q=${encodeURIComponent(input!.value)}`, {
        headers: { 'X-Palette': 'true' }, signal, redirect: 'error',
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      list!.replaceChildren(...all('[role="option"]', page));
      foot!.textContent = list!.childElementCount ? '' : foot!.dataset.none ?? '';
      at = -1;
      mark(0);
    } catch {
      if (!signal.aborted) foot!.textContent = foot!.dataset.broken ?? '';
    }
  }

  addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (dialog.open) return dialog.close();
    dialog.showModal();
    input.value = '';
    input.focus();
    void ask();
  });
  list.addEventListener('click', (event) => {
    if (event.target instanceof Element) go(event.target.closest('[role="option"]') ?? undefined);
  });
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), WAIT);
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') mark(at + 1);
    else if (event.key === 'ArrowUp') mark(at - 1);
    else if (event.key === 'Enter' && at >= 0) go(all('[role="option"]', list)[at]);
    else return;
    event.preventDefault();
  });
}
