// Rows that are chosen: how many, all that are shown, none. The forms work without this.
import { all, one } from './dom';

const boxes = (form: Element): HTMLInputElement[] =>
  all<HTMLInputElement>('[data-row] input[type="checkbox"]:not(:disabled)', form);

function tell(form: Element): void {
  const bar = one<HTMLElement>('[data-selection]', form);
  const told = bar && one<HTMLElement>('[role="status"]', bar);
  if (!bar || !told) return;
  const n = boxes(form).filter((box) => box.checked).length;
  bar.hidden = n === 0;
  told.textContent = n === 1 ? told.dataset.one ?? '' : (told.dataset.many ?? '').replace('#', String(n));
}

export function startChoosing(): void {
  for (const form of all('form:has([data-selection])')) {
    form.addEventListener('change', () => tell(form));
    form.addEventListener('click', (event) => {
      const does = event.target instanceof Element && event.target.getAttribute('data-does');
      if (does !== 'choose-all' && does !== 'choose-none') return;
      boxes(form).forEach((box) => { box.checked = does === 'choose-all'; });
      tell(form);
    });
    tell(form);
  }
}
