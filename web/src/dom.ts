// Two ways to find an element, and one to remember a choice for a year.
export const one = <T extends Element>(selector: string, within: ParentNode = document): T | null =>
  within.querySelector<T>(selector);

export const all = <T extends Element>(selector: string, within: ParentNode = document): T[] =>
  [...within.querySelectorAll<T>(selector)];

export function remember(name: string, value: string): void {
  document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`;
}
