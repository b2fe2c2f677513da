// Tabs could be dragged, which ours never are: the one thing that Lumino's tab bar asks of its drag and drop.
export const Drag = {
  overrideCursor: () => ({ dispose: () => undefined, isDisposed: true }),
};
