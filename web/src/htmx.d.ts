declare module 'htmx.org/dist/htmx.esm.js' {
  const htmx: {
    config: { morphIgnore: string[]; noSwap: (number | string)[] };
    trigger(target: Element, name: string): void;
  };
  export default htmx;
}
