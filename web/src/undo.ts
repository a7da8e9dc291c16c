// The toast of an act that can be taken back: counts down, says so politely, and goes when the time is over.
import { one } from './dom';

const SOON = 3;

// The toast that the next page would show: what was just done without leaving this one can be taken back here.
export async function freshToast(): Promise<void> {
  try {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const toast = one('.toast', page);
    if (!answer.ok || !toast) return;
    one('.toast')?.remove();
    one('#main')?.before(toast);
    startUndo();
  } catch { /* it stands on the next page too */ }
}

export function startUndo(): void {
  const toast = one<HTMLElement>('#undo[data-left]');
  if (toast) countDown(toast, () => { toast.hidden = true; });
}

export function countDown(toast: HTMLElement, ended: () => void): void {
  const shown = one<HTMLElement>('.toast-left', toast);
  const said = one<HTMLElement>('[aria-live]', toast);
  if (!shown || !said) return;
  const ends = performance.now() + Number(toast.dataset.left) * 1000;
  const words = (name: string, n: number): string => (said.dataset[name] ?? '').replace('#', String(n));
  toast.classList.add('toast-counting');
  let before = -1;

  function tick(): void {
    const left = Math.max(0, Math.ceil((ends - performance.now()) / 1000));
    if (left !== before) {
      shown!.textContent = left === 1 ? shown!.dataset.one ?? '' : (shown!.dataset.many ?? '').replace('#', String(left));
      if (before < 0) said!.textContent = words('start', left);
      else if (left === SOON) said!.textContent = words('soon', left);
      before = left;
    }
    if (left > 0) return;
    clearInterval(timer);
    said!.textContent = words('over', 0);
    toast.classList.add('toast-over');
    toast.querySelectorAll<HTMLButtonElement>('button').forEach((each) => { each.disabled = true; });
    setTimeout(ended, 1500);
  }

  const timer = setInterval(tick, 200);
  setTimeout(tick, 50); // a status is announced when its text changes, not when the page comes with it
}
