// Theme and density: a button switches, a cookie remembers, the server renders it from then on.
import { one, remember } from './dom';

const root = document.documentElement;

function isDark(): boolean {
  return root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

function describe(button: Element | null, pressed: boolean): void {
  button?.setAttribute('aria-pressed', String(pressed));
}

export function startLooks(): void {
  const theme = one('[data-does="theme"]');
  const density = one('[data-does="density"]');
  describe(theme, isDark());
  describe(density, root.dataset.density === 'comfortable');
  theme?.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    remember('theme', root.dataset.theme);
    describe(theme, isDark());
  });
  density?.addEventListener('click', () => {
    root.dataset.density = root.dataset.density === 'comfortable' ? 'compact' : 'comfortable';
    remember('density', root.dataset.density);
    describe(density, root.dataset.density === 'comfortable');
  });
}
