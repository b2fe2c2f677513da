type Names = keyof HTMLElementTagNameMap;
type Properties<Name extends Names> = Partial<HTMLElementTagNameMap[Name]>;
/** As attributes, which every browser knows: as properties Firefox has them since 2023. */
type Attributes = { role?: string; [aria: `aria-${string}`]: string };

/** An element with these properties, attributes and children. */
export function element<Name extends Names>(
  name: Name,
  properties: Properties<Name> | (Properties<Name> & Attributes) = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) {
      Object.assign(made, { [key]: value });
    } else {
      made.setAttribute(key, String(value));
    }
  }
  made.append(...children);
  return made;
}
