// What the widgets' manager asks sanitize-html for, done by DOMPurify: a browser's own parser decides, and 100 kB less.
import DOMPurify from "dompurify";

interface Allowed {
  allowedTags: string[];
  allowedAttributes: Record<string, string[]>;
}

/** `source` with nothing but the allowed tags and attributes; a name such as `aria-*` allows a family. */
export default function sanitize(source: string, allowed: Allowed): string {
  const names = Object.values(allowed.allowedAttributes).flat();
  return DOMPurify.sanitize(source, {
    ALLOWED_TAGS: allowed.allowedTags,
    ALLOWED_ATTR: names.filter((name) => !name.includes("*")),
    ALLOW_ARIA_ATTR: names.includes("aria-*"),
    ALLOW_DATA_ATTR: false,
  });
}
