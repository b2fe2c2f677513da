import { describe, expect, it } from "vitest";
import type { Model } from "../src/web/messages";
import { percent, verdict } from "../src/web/wording";

const model = {
  classes: ["owl", "bat", "cat"],
  names: { owl: "owl bird", bat: "bat bird", cat: "cat bird" },
  noun: "bird",
  none_below: 0.4,
  known_from: 0.8,
} as unknown as Model;

const said = (familiarity: number, ...probabilities: number[]): string => {
  const { kind, headline, detail, hint } = verdict({ probabilities, familiarity }, model);
  return [kind, headline, detail, hint].filter(Boolean).join(" | ");
};

describe("an answer in words", () => {
  it("is as sure as the probabilities are", () => {
    expect(said(1, 0.951, 0.04, 0.009)).toBe("sure | Owl bird | Sure: 95 %");
    expect(said(1, 0.3, 0.7, 0)).toBe("probable | Probably a bat bird | 70 %; it could be an owl bird");
    expect(said(1, 0.5, 0.1, 0.4)).toBe(
      "unsure | I can't tell an owl bird from a cat bird here | 50 % for the one, 40 % for the other",
    );
  });

  it("says what is perhaps one, and what is none", () => {
    expect(said(0.79, 1, 0, 0)).toContain("doubtful | Perhaps an owl bird");
    expect(said(0.39, 1, 0, 0)).toContain("none | None of these | This doesn't look like any bird I know.");
    expect(said(0.39, 1, 0, 0)).toContain("If it had to be one of these, I'd say an owl bird.");
    expect(said(Number.NaN, 1, 0, 0)).toContain("doubtful");
  });

  it("tells nothing as certain or impossible", () => {
    expect([1, 0.994, 0.5, 0.006, 0].map(percent)).toEqual(["> 99 %", "99 %", "50 %", "1 %", "< 1 %"]);
  });
});
