/** 32 hexadecimal digits: names that nobody else gives. */
export function newId(): string {
  // crypto.randomUUID is missing on a page that comes over plain HTTP from another machine.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
