// Two ways to find an element, one to bring it to light, and one to remember a choice for a year.
export const one = <T extends Element>(selector: string, within: ParentNode = document): T | null =>
  within.querySelector<T>(selector);

export const all = <T extends Element>(selector: string, within: ParentNode = document): T[] =>
  [...within.querySelectorAll<T>(selector)];

// What is folded away can't be seen or focused: whatever it lies in is opened.
export function unfold(found: Element): void {
  const fold = found.parentElement?.closest<HTMLDetailsElement>('details:not([open])');
  if (!fold) return;
  fold.open = true;
  unfold(fold);
}

export function remember(name: string, value: string): void {
  document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`;
}
