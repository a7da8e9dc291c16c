// Acts in a list are shown at once: the row says what was done, with its undo, and the next row is in hand.
//
// A refused act gives the row back with the reason; what was typed beside the list is kept with it. When no answer
// comes, the same form is sent again under its own key, so that nothing is done twice; that holds on a page of its
// own too, where a browser by itself would show an error if the node died that it had just found.
import { all, one } from './dom';
import { move } from './keys';
import { mark, say, unmark } from './news';
import { closePanel, showMain } from './panel';
import { countDown } from './undo';

const TRIES = 4;
const PAUSE = 700;

interface Answer { page: Document; from: URL; isDone: boolean }

const parsed = (text: string): Document => new DOMParser().parseFromString(text, 'text/html');

async function send(action: string, fields: FormData): Promise<Answer | null> {
  const body = new URLSearchParams([...fields].map(([name, value]) => [name, String(value)]));
  for (let tried = 1; ; tried += 1) {
    try {
      const answer = await fetch(action, { method: 'POST', body });
      return { page: parsed(await answer.text()), from: new URL(answer.url), isDone: answer.ok && answer.redirected };
    } catch {
      if (tried === TRIES) return null;
      await new Promise((done) => { setTimeout(done, PAUSE); });
    }
  }
}

// The undo of this act alone, in its row: the page's own form without its words.
function offerUndo(row: HTMLElement, told: HTMLElement, page: Document): void {
  const toast = one<HTMLFormElement>('form.toast', page);
  if (!toast) return;
  one('.toast-more', toast)?.remove();
  one('.toast-words b', toast)?.remove();
  one('.toast-until', toast)?.remove();
  toast.removeAttribute('id');
  toast.className = 'row-undo';
  one<HTMLInputElement>('[name="back"]', toast)!.value = location.pathname + location.search;
  all('.row-undo [data-key="z"]').forEach((each) => { // the key takes back what was done last
    each.removeAttribute('data-key');
    one('kbd', each)?.remove();
  });
  told.append(toast);
  countDown(toast, () => toast.remove());
  toast.addEventListener('submit', (event) => {
    event.preventDefault();
    void (async () => {
      const answer = await send(toast.action, new FormData(toast));
      if (!answer?.isDone) return void toast.submit();
      unmark(row);
      say(one('.toast', answer.page)?.textContent?.trim() ?? '', true);
      one<HTMLElement>('.row-link', row)?.focus();
    })();
  });
}

// Why an act was refused, without the row's name before it and what to do after it.
function reasonIn(page: Document): string {
  const told = one('.notice-trouble li', page);
  all('b, span', told ?? page.createElement('p')).forEach((each) => each.remove());
  return told?.textContent?.trim() ?? '';
}

function refuse(row: HTMLElement, answer: Answer | null, beside: HTMLAnchorElement | null, was: string): void {
  unmark(row);
  const texts = one('#news')?.querySelector<HTMLElement>('[data-told]')?.dataset;
  const reason = answer && reasonIn(answer.page.cloneNode(true) as Document);
  const told = mark(row, (answer && was) || reason || texts?.broken || '', 'refused');
  row.classList.add('row-refused');
  say(told?.textContent ?? '', true);
  const main = answer && one('main', answer.page);
  if (!beside || !main || !told) return;
  const open = document.createElement('button'); // what was typed is on the page that came back
  open.type = 'button';
  open.className = 'button';
  open.textContent = texts?.open ?? '';
  open.addEventListener('click', () => {
    unmark(row);
    showMain(main, beside);
  });
  told.append(open);
}

function onward(row: HTMLElement): void {
  one<HTMLElement>('.row-link', row)?.focus({ preventScroll: true });
  const rows = all<HTMLElement>('main [data-row]');
  const left = rows.slice(rows.indexOf(row) + 1).findIndex((each) => !each.matches('.row-acted, .row-gone'));
  if (left < 0) closePanel();
  else move(left + 1);
}

const addressOf = (form: HTMLFormElement, button: HTMLButtonElement): string =>
  button.getAttribute('formaction') ?? form.getAttribute('action') ?? '';

// An act that does not settle its row: the page beside the list comes back as it is now, and the reader stays with it.
async function actHere(row: HTMLElement, form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
  const fields = new FormData(form, button);
  const beside = one<HTMLAnchorElement>('.row-link', row);
  const panel = one<HTMLElement>('#panel');
  if (!beside || !panel || panel.ariaBusy === 'true') return;
  panel.ariaBusy = 'true';
  const told = mark(row, button.dataset.acted ?? '', 'acted');
  const answer = await send(addressOf(form, button), fields);
  panel.ariaBusy = 'false';
  if (answer?.from.pathname === '/sign-in') return void location.assign(answer.from);
  const main = answer && one('main', answer.page);
  const isBeside = row.matches('[aria-current]') && !panel.hidden; // else the reader has gone on
  if (!answer?.isDone && (!main || !isBeside)) return refuse(row, answer, beside, '');
  if (answer?.isDone && told) offerUndo(row, told, answer.page);
  else unmark(row);
  if (!main || !isBeside) return;
  showMain(main, beside);
  panel.focus();
  say(one('[role="alert"], .notice-done', panel)?.textContent?.trim() ?? '', true);
}

async function act(row: HTMLElement, form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
  const fields = new FormData(form, button);
  const action = addressOf(form, button);
  const beside = form.closest('#panel') ? one<HTMLAnchorElement>('.row-link', row) : null;
  const words = button.dataset.acted ?? '';
  const was = one('.row-told-gone', row)?.textContent ?? ''; // what somebody else did is the best reason
  row.classList.remove('row-refused');
  row.classList.add('row-acted');
  row.ariaBusy = 'true';
  const told = mark(row, words, 'acted');
  onward(row);
  const answer = await send(action, fields);
  row.ariaBusy = 'false';
  if (answer?.from.pathname === '/sign-in') return void location.assign(answer.from);
  if (!answer?.isDone) return refuse(row, answer, beside, was);
  if (told) offerUndo(row, told, answer.page);
}

const plain = new WeakSet<HTMLButtonElement>();

// An act on a page of its own: the page that follows, or, where it was not done, the form as the browser sends it.
async function actAlone(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
  if (form.ariaBusy === 'true') return;
  form.ariaBusy = 'true';
  const answer = await send(addressOf(form, button), new FormData(form, button));
  form.ariaBusy = 'false';
  if (!answer?.isDone) {
    plain.add(button);
    return form.requestSubmit(button);
  }
  const isHere = answer.from.pathname + answer.from.search === location.pathname + location.search;
  if (isHere) location.reload();
  else location.assign(answer.from);
}

export function startActing(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement;
    const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
    if (!button?.matches('[data-acted]')) return;
    const isBeside = form.closest('#panel') !== null;
    const row = isBeside ? one<HTMLElement>('[data-row][aria-current]') : button.closest<HTMLElement>('[data-row]:has(.row-link)');
    if (!row && !isBeside && !event.defaultPrevented && !plain.delete(button)) {
      event.preventDefault();
      return void actAlone(form, button);
    }
    if (!row || row.matches('.row-acted')) return;
    event.preventDefault();
    void (isBeside && button.matches('[data-stays]') ? actHere : act)(row, form, button);
  });
}
