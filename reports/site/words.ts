// What the words of the pages mean. Each page lists those that stand on it.
const meanings = {
  pass: "all that was judged holds, or a named person accepts its failure until a date",
  fail: "something that was judged does not hold",
  unknown:
    "it could not be told, or an earlier failure is open: no run has judged that requirement to its end since",
  "no result":
    "the target could not be judged at all (`no verdict` in the message of a night): nothing is known of it since the result before",
  "not judged": "this run was not asked or not allowed to do what that requirement needs; it is no pass",
  pending: "the suite has no check for it yet: nothing is known",
  waived: "it fails, and a named person accepts that until a date; after it the failure counts",
  "must, should": "how severe a failure is: that of a must weighs more; one of either makes the run fail",
  "stand-in":
    "an imitated hypervisor in a container, no real host; the page of a target lists what it can't imitate",
  contract: "the comparison of the stand-in with a real host",
  register: "the list of all requirements, and its digest: another digest is another list",
  remedy: "the plan does not ask for it, but one of its goals needs it: this suite added it",
  "declared, delivered, live, behaves":
    "how far a requirement was followed: in the tree of files, on the guest, in the running program, for a client",
  "shown to fail":
    "the same check was run on a state that was broken on purpose, and failed (a control); a failure of the target is none",
} as const;

export type Word = keyof typeof meanings;

/** These words with their meanings, for a list. */
export const wordsOf = (...words: readonly Word[]): readonly (readonly [Word, string])[] =>
  words.map((word) => [word, meanings[word]]);
