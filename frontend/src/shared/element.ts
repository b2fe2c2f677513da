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
  const created = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in created) {
      Object.assign(created, { [key]: value });
    } else {
      created.setAttribute(key, String(value));
    }
  }
  created.append(...children);
  return created;
}
