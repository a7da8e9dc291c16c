// Live pages: the server hints that something changed, and the page reads again with its reader's rights.
//
// A region (data-hints on #region) fetches itself and is morphed in; a list (#news) asks for its news. A tab
// listens only while it can be seen and is not paused, so a browser full of tabs holds one connection. Coming
// back, it names the last sequence it knows and is told at once if it missed one.
import htmx from 'htmx.org/dist/htmx.esm.js';
import { one } from './dom';
import { newsSoon } from './news';

type State = 'live' | 'reconnecting' | 'paused';

export function startLive(): void {
  const badge = one<HTMLButtonElement>('#live');
  const follower = (): HTMLElement | null => one<HTMLElement>('[data-hints]');
  if (!follower()) return;
  const word = badge && one('[data-word]', badge);
  let source: EventSource | null = null;
  let paused = false;

  function show(state: State): void {
    if (!badge || badge.dataset.state === state) return;
    badge.dataset.state = state;
    badge.setAttribute('aria-pressed', String(state === 'paused'));
    const text = badge.getAttribute(`data-${state}`);
    if (word && text) word.textContent = text;
  }

  function address(): string {
    const shown = follower();
    const url = new URL(shown?.dataset.hints ?? '/live', location.href);
    url.searchParams.set('since', shown?.dataset.sequence ?? '0');
    return url.href;
  }

  function hinted(): void {
    const shown = follower();
    if (!shown || document.hidden) return;
    if (shown.id === 'news') newsSoon();
    else htmx.trigger(shown, 'hint');
  }

  function listen(): void {
    const wanted = !paused && !document.hidden;
    if (wanted === Boolean(source)) return;
    if (!wanted) {
      source?.close();
      source = null;
      if (paused) show('paused');
      return;
    }
    const opened = new EventSource(address());
    source = opened;
    if (badge?.dataset.state === 'paused') show('reconnecting');
    opened.onopen = () => show('live');
    opened.onerror = () => {
      show('reconnecting');
      if (opened.readyState !== EventSource.CLOSED || source !== opened) return;
      source = null; // refused: EventSource itself does not try again
      setTimeout(listen, 2000);
    };
    const topics = follower()?.dataset.topics?.split(' ') ?? ['trace'];
    [...topics, 'bell'].filter(Boolean).forEach((topic) => opened.addEventListener(topic, hinted));
  }

  badge?.addEventListener('click', () => {
    paused = !paused;
    listen();
  });
  document.addEventListener('visibilitychange', listen);
  addEventListener('pagehide', () => {
    source?.close();
    source = null;
  });
  addEventListener('pageshow', listen);
  listen();
}
