// A form with several rows goes part by part: how far it is, what failed and why, what was skipped.
//
// Parts carry the whole form and the place from which on to work. What is under way is kept in this tab, so
// that a page that is loaded anew in the middle goes on; each row has its own key, nothing is done twice.
import { one, all } from './dom';
import { freshToast } from './undo';

interface Job { page: string; action: string; fields: [string, string][] }

const KEPT = 'batch';

function keep(job: Job | null): void {
  if (job) sessionStorage.setItem(KEPT, JSON.stringify(job));
  else sessionStorage.removeItem(KEPT);
}

function fill(text: string | undefined, told: Record<string, number>): string {
  return (text ?? '').replace(/\{(\w)\}/g, (_, name: string) => String(told[name] ?? ''));
}

async function part(job: Job, at: number): Promise<HTMLTableElement | null> {
  const body = new URLSearchParams([...job.fields, ['part', String(at)]]);
  const answer = await fetch(job.action, { method: 'POST', body });
  if (!answer.ok || answer.redirected) return null;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  return one<HTMLTableElement>('table[data-total]', page);
}

async function run(job: Job, button: HTMLButtonElement | null): Promise<void> {
  const box = one<HTMLElement>('#batch');
  const told = box && one<HTMLElement>('[role="status"]', box);
  const bar = box && one<HTMLProgressElement>('progress', box);
  const rows = box && one('tbody', box);
  const frame = box && one<HTMLElement>('.table-frame', box);
  const acts = box && one<HTMLElement>('.form-acts', box);
  const again = box && one<HTMLButtonElement>('[data-does="batch-again"]', box);
  if (!box || !told || !bar || !rows || !frame || !acts || !again) return;
  keep(job);
  box.hidden = false;
  acts.hidden = again.hidden = true;
  rows.replaceChildren();
  one<HTMLAnchorElement>('a', acts)!.href = location.href;
  all<HTMLButtonElement>('[data-batch]').forEach((each) => { each.disabled = true; });
  box.focus();
  let at: number | null = 0;
  let m = 0;
  const fates = (fate: string): number => all(`[data-fate="${fate}"]`, rows).length;
  while (at !== null) {
    const found: HTMLTableElement | null = await part(job, at).catch(() => null);
    if (!found && at === 0 && button && navigator.onLine) { // nothing at all was done: the page itself says why
      keep(null);
      all<HTMLButtonElement>('[data-batch]').forEach((each) => { each.disabled = false; });
      button.removeAttribute('data-batch');
      button.form?.requestSubmit(button);
      return;
    }
    if (!found) {
      told.textContent = told.dataset.broken ?? '';
      acts.hidden = again.hidden = false;
      again.onclick = () => void run(job, null);
      return;
    }
    rows.append(...all('tbody > tr', found));
    m = Number(found.dataset.total);
    at = found.dataset.next === undefined ? null : Number(found.dataset.next);
    bar.max = m;
    bar.value = rows.children.length;
    frame.hidden = false;
    told.textContent = fill(told.dataset.going, { n: rows.children.length, m });
  }
  keep(null);
  told.textContent = fill(told.dataset.over, { n: fates('done'), m, f: fates('failed'), s: fates('skipped') });
  acts.hidden = false;
  void freshToast();
}

export function startBatch(): void {
  if (!one('#batch')) return;
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement;
    const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
    if (!button?.matches('[data-batch]')) return;
    event.preventDefault();
    const fields = [...new FormData(form, button)].map(([name, value]) => [name, String(value)] as [string, string]);
    const action = button.getAttribute('formaction') ?? form.getAttribute('action') ?? '';
    void run({ page: location.pathname, action, fields }, button);
  });
  const kept = sessionStorage.getItem(KEPT);
  const job = kept ? JSON.parse(kept) as Job : null;
  if (job?.page === location.pathname) void run(job, null);
}
